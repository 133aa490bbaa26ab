"""The exemplar answer file from text to evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_deck import Deck

from build_deck import run
from build_deck.model.corpus import Corpus
from build_deck.model.outcome import Level
from build_deck.parse.topic import parse_topic


@pytest.mark.cells
def test_the_attention_topic_runs_as_written(deck: Deck, project: Path) -> None:
    path = "source/transformer/attention.md"
    topic, problems = parse_topic((project / path).read_text(encoding="utf-8"), path, "transformer")
    assert problems == ()
    done = deck.run(*topic.cards[:2])
    killed, tried = done.mutants
    assert (done.codes, killed) == ([], tried)
    assert tried > 2
    found = run.load_evidence(Corpus(sections=(), topics=(topic,)), deck.ground)
    assert found["attn-scale-sqrt-dk"].level is Level.EXECUTED_CPU
    assert list(found["mha-handwrite"].cells) == ["hidden-tests-1", "solution-1", "tests-1"]
