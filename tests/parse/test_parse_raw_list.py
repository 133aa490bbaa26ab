"""A list pasted as people keep it: numbered questions, short answers, notes behind them; no ids, no evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_deck.check import check, unidentified
from build_deck.model.card import Cell, Label, Prose
from build_deck.model.corpus import Corpus, Topic
from build_deck.model.problem import Problem, Severity
from build_deck.parse.topic import parse_topic

PATH = "source/rag/raw.md"


@pytest.fixture(scope="module")
def text(project: Path) -> str:
    return (project / "tests" / "cases" / "raw-list-30.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parsed(text: str) -> tuple[Topic, tuple[Problem, ...]]:
    return parse_topic(text, PATH, "rag")


def test_exactly_its_thirty_questions(text: str, parsed: tuple[Topic, tuple[Problem, ...]]) -> None:
    topic, _ = parsed
    assert [card.number for card in topic.cards] == list(range(1, 31))
    written = [line.split(") ", 1)[1] for line in text.splitlines() if line[:1].isdigit()]
    assert [card.question.text for card in topic.cards] == written
    assert {card.group for card in topic.cards} == {"甲、基础篇（30题）"}


def test_every_answer_is_the_line_behind_its_label_and_nothing_else(
    text: str, parsed: tuple[Topic, tuple[Problem, ...]]
) -> None:
    answers = [card.labelled(Label.ANSWER) for card in parsed[0].cards]
    found = [block.text for answer in answers if answer for block in answer.blocks if isinstance(block, Prose)]
    assert found == [line.removeprefix("- 标准答：") for line in text.splitlines() if line.startswith("- 标准答：")]
    asked = [prose.text for card in parsed[0].cards for prose in card.ask_backs]
    assert asked == [line.removeprefix("- 反问点：") for line in text.splitlines() if line.startswith("- 反问点：")]
    pitfalls = [pitfall.right.text for card in parsed[0].cards for pitfall in card.pitfalls]
    assert pitfalls == [line.removeprefix("- 坑位：") for line in text.splitlines() if line.startswith("- 坑位：")]


def test_code_stays_with_its_question(parsed: tuple[Topic, tuple[Problem, ...]]) -> None:
    fourth = parsed[0].cards[3].labelled(Label.CODE)
    assert fourth and isinstance(fourth.blocks[0], Cell)
    assert fourth.blocks[0].source.startswith("# 用历史间隔的高分位数当超时\ntimeout = ")
    assert [card.number for card in parsed[0].cards if card.cells] == [4]


def test_what_belongs_to_no_question_is_named_and_shown_nowhere(
    text: str, parsed: tuple[Topic, tuple[Problem, ...]]
) -> None:
    lines = text.splitlines()
    warned = [(item.code, lines[item.span.line - 1]) for item in parsed[1]]
    assert warned == [
        ("P205", "（以下各篇略，体例相同，需要时再补。）"),
        ("P203", "- 分片示意：键空间与机器的对应（讲解时展示）"),
        ("P203", "- 某书（某人，2017）"),
        ("P203", "```mermaid"),
    ]
    assert parsed[1][-1].span.end_line == len(lines)
    assert all(item.severity is Severity.WARNING for item in parsed[1])


def test_it_passes_the_checks_with_warnings_and_cannot_be_packed(parsed: tuple[Topic, tuple[Problem, ...]]) -> None:
    corpus = Corpus(sections=(), topics=(parsed[0],))
    assert all(item.severity is Severity.WARNING for item in check(corpus, Path()))
    missing = unidentified(corpus)
    assert [item.code for item in missing] == ["K001"] * 30
    assert (missing[0].span.line, missing[0].span.col) == (4, 4)
    assert all(item.severity is Severity.ERROR for item in missing)
