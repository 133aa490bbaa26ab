"""A small deck, parsed from text."""

from __future__ import annotations

from typing import Protocol

from build_deck.model.corpus import Corpus, Section
from build_deck.model.problem import Severity
from build_deck.parse.topic import parse_topic

PATH = "source/rag/topic.md"


class Check(Protocol):
    """The fixture `checked`."""

    def __call__(self, *texts: str, only: str = "C", planned: tuple[str, ...] = ()) -> list[str]: ...


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
