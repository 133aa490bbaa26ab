"""Whatever a person pastes: parsing ends without an exception and no character of it is lost or shown twice."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from build_deck.check import check
from build_deck.check.visible import proses
from build_deck.model.card import Card
from build_deck.model.corpus import Corpus, Topic
from build_deck.model.problem import Problem
from build_deck.parse.topic import parse_topic

PATH = "source/transformer/attention.md"

_LINES = (
    "# 题库", "## 组", "### 小节", "---", "", "", "",
    "1) 甲？", "2、乙？ {#b}", "**3. 丙？** 尾巴", "4.丁 {#d depth=2 core=true}", " 5) 戊", "12.", "6）", "{#broken",
    "- 标准答：一", "- **标准答案**：二", "   - 反问：三", "- 展开：", "- 代码: 看", "- 图示：", "- 追问：", "- 坑位：",
    "- 参考：甲 · 乙",
    "  - 问：四？答：五 {#e}", "  - 问：六？", "    答：七", "    - 答：八", "  - 错：九。 对：十。", "  - 对：真",
    "- 答案：十一",
    "文字", " 文字", "  接着", "    更深", "\t制表", "- 点", "  - 点", "- - 点", "* 星", "  1. 序",
    "> 引用", "> - 引用点",
    "| a | b |", "|---|---|", "$$", "$$ x $$", "  $$", "![图](a.svg)", "<b>", "[a]: b", "===",
    "```", "  ```", "````", "~~~", "```python {#c}", "```python", "  ```python", "```text", "```mermaid {#m}",
    "#| hide", "x = 1",
)  # fmt: skip

documents = st.lists(st.sampled_from(_LINES), max_size=24).map("\n".join)

_MARK = r"(?:\*{0,2}(?:问|答|错|对)\*{0,2}[ \t]*[：:]\*{0,2})"
_LABEL = r"(?:(?:\*\*)?(?:标准答案|标准答|展开|代码|图示|追问|反问点|反问|坑位|坑点|参考)(?:\*\*)?[：:](?:\*\*)?)"
_LEFT_OVER = re.compile(
    r"\s*[`~]{3,}\s*|"
    rf"\s*(?:\*\*)?(?:\d{{1,3}}[)）.．、])?\s*(?:\*\*)?\s*(?:[-*+]\s*|\d+[.)]\s*)*{_LABEL}?\s*(?:{_MARK}|·|\s)*(?:\{{[^}}]*\}})?\s*"
)


def shown(card: Card) -> dict[int, list[tuple[int, int]]]:
    """For each source line the columns (from 1, end exclusive) that stand on the card, once for each time."""
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for prose in proses(card):
        for text, (line, col) in zip(prose.text.split("\n"), prose.origins, strict=True):
            if text.strip():
                places[line].append((col, col + len(text)))
    for block in (*card.cells, *card.diagrams):
        for line in range(block.span.line - 1, block.span.line + block.source.count("\n")):
            places[line].append((1, 10_000))
    return places


def lost(text: str, topic: Topic, problems: tuple[Problem, ...]) -> list[str]:
    """Lines of cards with text that is neither shown nor reported, or shown twice."""
    reported = {
        line for item in problems if item.code in ("P203", "P205", "P208") and "read as part" not in item.text
        for line in range(item.span.line, max(item.span.end_line, item.span.line) + 1)
    }  # fmt: skip
    faults = []
    lines = text.split("\n")
    for card in topic.cards:
        places = shown(card)
        for number in range(card.span.line, card.span.end_line + 1):
            intervals = sorted(places[number])
            if any(left[1] > right[0] for left, right in pairwise(intervals)):
                faults.append(f"line {number} is shown twice: {lines[number - 1]!r}")
            rest = lines[number - 1]
            for start, end in reversed(intervals):
                rest = rest[: max(0, start - 1)] + rest[end - 1 :]
            if number not in reported and not _LEFT_OVER.fullmatch(rest):
                faults.append(f"line {number} is lost: {lines[number - 1]!r}, left {rest!r}")
    return faults


@settings(max_examples=400, deadline=None)
@drawn(documents)
def test_every_line_of_a_question_lands_in_one_place(text: str) -> None:
    topic, problems = parse_topic(text, PATH, "transformer")
    assert lost(text, topic, problems) == []


@settings(max_examples=150, deadline=None)
@drawn(documents)
def test_questions_follow_each_other_and_spans_lie_in_the_file(text: str) -> None:
    topic, problems = parse_topic(text, PATH, "transformer")
    total = text.count("\n") + 1
    ends = [0]
    for card in topic.cards:
        assert ends[-1] < card.span.line <= card.span.end_line <= total
        ends.append(card.span.end_line)
    assert all(1 <= item.span.line <= total and item.span.col >= 1 for item in problems)


@settings(max_examples=300, deadline=None)
@drawn(
    st.one_of(st.text(max_size=200), st.text(alphabet='-*+1.2)、 \n\t`~$#>|{}#="：问答错对标准追坑位', max_size=120))
)
def test_no_text_raises(text: str) -> None:
    topic, problems = parse_topic(text, PATH, "transformer")
    checked = check(Corpus(sections=(), topics=(topic,)), Path())
    assert all(str(item).startswith(PATH) for item in (*problems, *checked))


@settings(max_examples=100, deadline=None)
@drawn(documents)
def test_the_same_text_gives_the_same_records(text: str) -> None:
    once, again = parse_topic(text, PATH, "transformer"), parse_topic(text.replace("\n", "\r\n"), PATH, "transformer")
    assert once == again
