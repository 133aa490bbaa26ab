"""One card or a small deck, parsed from text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from build_deck.check import check
from build_deck.model.corpus import Corpus, Section
from build_deck.model.problem import Severity
from build_deck.parse.topic import parse_topic

Check = Callable[..., list[str]]
PATH = "source/rag/topic.md"


def corpus_of(*texts: str, planned: tuple[str, ...] = ()) -> Corpus:
    """One topic for each text; the text is what stands under the title, from line 2 on."""
    paths = [PATH, "source/rag/other.md"]
    topics = []
    for text, path in zip(texts, paths, strict=False):
        topic, problems = parse_topic(f"# 题库\n{text}", path, "rag")
        assert not [item for item in problems if item.severity is Severity.ERROR], problems
        topics.append(topic)
    section = Section(id="rag", title="检索", topics=(("rag/topic", planned),))
    return Corpus(sections=(section,), topics=tuple(topics))


@pytest.fixture
def checked(tmp_path: Path) -> Check:
    """Check texts and give `line:col CODE severity` of each problem, those of the codes asked for."""

    def run(*texts: str, only: str = "C", planned: tuple[str, ...] = ()) -> list[str]:
        problems = check(corpus_of(*texts, planned=planned), tmp_path)
        assert all(item.hint for item in problems)
        kept = [item for item in problems if item.code.startswith(only)]
        names = {PATH: "", "source/rag/other.md": "other:"}
        return [f"{names[item.span.path]}{item.span.line}:{item.span.col} {item.code} {item.severity}" for item in kept]

    return run


@pytest.fixture
def deck_of() -> Callable[..., Corpus]:
    """The corpus itself."""
    return corpus_of
