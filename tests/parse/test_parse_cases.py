"""Answer file → records, pair by pair; every problem says what to do."""

from __future__ import annotations

from parse_dump import dump

from build_deck.parse.topic import parse_topic

CASE_FILES = "parse-*.md"
PATH = "source/transformer/attention.md"


def test_pair(given: str, wanted: str) -> None:
    topic, problems = parse_topic(given, PATH, "transformer")
    assert dump(topic, problems) == wanted
    assert all(problem.hint and problem.span.path == PATH for problem in problems)
