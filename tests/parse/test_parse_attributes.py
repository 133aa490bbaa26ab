"""`{…}` at the end of a line: what it says, and the column of every fault."""

from __future__ import annotations

import pytest

from build_deck.parse.attributes import Attributes, Line, read_attributes
from build_deck.parse.faults import Faults


def read(text: str) -> tuple[Attributes, list[tuple[int, str]]]:
    faults = Faults()
    attributes = read_attributes(Line(text=text, path="a.md", number=3), faults)
    return attributes, [(item.span.col, item.code) for item in faults.found()]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("问 {#a}", [("id", "a", 3)]),
        ("问 {#a .b c=d,e}  ", [("id", "a", 3), ("class", "b", 6), ("c", "d,e", 9)]),
        ('问 {k="有 {括号} 和 #井号 = 等号" z=1}', [("k", "有 {括号} 和 #井号 = 等号", 3), ("z", "1", 25)]),
        (r'问 {k="引号 \" 和 \\"}', [("k", '引号 " 和 \\', 3)]),
        ("{.only}", [("class", "only", 1)]),
        ("问 {url=http://a/b?c=d}", [("url", "http://a/b?c=d", 3)]),
        ("集合 {a=1} 里 {#id}", [("id", "id", 12)]),
    ],
)
def test_what_it_says(text: str, wanted: list[tuple[str, str, int]]) -> None:
    attributes, faults = read(text)
    assert [(entry.name, entry.value, entry.col) for entry in attributes.entries] == wanted
    assert faults == []


@pytest.mark.parametrize(
    "text",
    [
        "没有",
        r"公式 $\mathbb{E}_{x}$",
        "空 {}",
        "集合 {a, b}",
        r"$\{x\}$",
        "词{#紧贴}",
        "设 {a=1} 时",
        "代码 `{}`",
        "{ .x }",
    ],
)
def test_other_braces_are_text(text: str) -> None:
    attributes, faults = read(text)
    assert (attributes.entries, faults) == ((), [])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("问 {#a #b}", [(7, "P302")]),
        ("问 {k=1 k=2}", [(8, "P302")]),
        ("问 {.b .b .c}", [(7, "P302")]),
        ("问 {#a", [(3, "P301")]),
        ('问 {#a k="没完}', [(7, "P301")]),
        ("问 {#a k=}", [(7, "P301")]),
        ("问 {#a ,b}", [(7, "P301")]),
        ("问 {#a} 后面", [(3, "P305")]),
    ],
)
def test_faults_stand_at_their_column(text: str, wanted: list[tuple[int, str]]) -> None:
    assert read(text)[1] == wanted


def test_the_first_of_duplicates_counts() -> None:
    assert read("问 {#a k=1 k=2}")[0].value("k") == "1"


def test_many_openings_are_read_in_linear_time() -> None:
    attributes, faults = read("{a=" * 20_000)
    assert (attributes.entries, faults) == ((), [])
