"""Whether two outputs say the same: integers exactly, other numbers nearly, text to the letter."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_deck.cells.judge import Tolerance, judge, judge_drawing

SAME = [
    ("loss 0.12345", "loss 0.12346"),
    ("1e-3 s", "1.0004e-3 s"),
    ("x =   3.5", "x = 3.5"),
    ("  7 个   0.50", "  7 个    0.5"),
    ("nan inf -inf", "nan inf -inf"),
    ("-0", "0"),
    ("007", "7"),
    ("1" * 5000, "0" + "1" * 5000),
    ("0.000001", "0.000009"),
    ("shape [2, 3]", "shape [2, 3]"),
]
DIFFERENT = [
    ("100", "101"),
    ("10000", "10001"),
    ("-3", "3"),
    ("1" * 5000, "1" * 4999 + "2"),
    ("0.50", "0.51"),
    ("nan", "0.0"),
    ("inf", "-inf"),
    ("inf", "1e300"),
    ("True", "False"),
    ("v2.5", "v2.6"),
    ("a 1", "b 1"),
    ("1 2", "1 2 3"),
    ("第 1 行\n", "第 1 行\n第 2 行\n"),
    ("0.00001", "0.00003"),
    ("0x1f", "0x2f"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_is_the_same(one: str, other: str) -> None:
    assert judge(one, other, Tolerance()).same
    assert judge(other, one, Tolerance()).same


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_is_not(one: str, other: str) -> None:
    verdict = judge(one, other, Tolerance())
    assert not verdict.same
    assert verdict.diff
    assert not judge(other, one, Tolerance()).same


@pytest.mark.parametrize(
    ("mode", "one", "other", "same"),
    [
        ("text", "0.12345", "0.12346", False),
        ("shape", "a 1 b 2.5", "a 9 b 0.1", True),
        ("shape", "a 1", "b 1", False),
        ("shape", "a 1", "a 1 2", False),
        ("none", "a", "b", True),
    ],
)
def test_modes(mode: str, one: str, other: str, same: bool) -> None:
    assert judge(one, other, Tolerance(mode)).same is same


def test_a_mode_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="exact is not one of numbers, text, shape, none"):
        judge("1", "1", Tolerance("exact"))


def test_the_diff_shows_both_lines() -> None:
    diff = judge("a\nb 1\nc\n", "a\nb 2\nc\n", Tolerance()).diff
    assert diff.splitlines() == ["--- frozen", "+++ this run", "@@ -1,3 +1,3 @@", " a", "-b 1", "+b 2", " c"]


@given(st.text(max_size=200))
def test_everything_is_the_same_as_itself(text: str) -> None:
    assert judge(text, text + "", Tolerance()).same


@given(st.floats(min_value=1e-3, max_value=1e6), st.floats(min_value=-0.01, max_value=0.01))
def test_the_tolerance_is_where_it_is_said_to_be(value: float, off: float) -> None:
    one, other = f"{value:.17e}", f"{value * (1 + off):.17e}"
    bound = 1e-5 + 1e-3 * float(one)
    gap = abs(float(one) - float(other))
    if not math.isclose(gap, bound, rel_tol=1e-9):
        assert judge(one, other, Tolerance()).same is (gap < bound)


CHART = (
    '<svg><path id="p{0}" d="M 10 20 L {1} 40"/><use href="#p{0}" x="5"/><text>轴</text>'
    '<g clip-path="url(#c{0})"/></svg>'
)


def test_a_drawing_is_the_same_whatever_ids_it_uses_and_within_half_a_point() -> None:
    assert judge_drawing(CHART.format("a1", 300), CHART.format("b2", 300.4), Tolerance()).same


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (CHART.format("a1", 310), "1 of 5 coordinates differ, the first is 310 and was 300"),
        (CHART.format("a1", 300).replace("</svg>", "<path/></svg>"), "other elements: path × 2 (was 1)"),
        (CHART.format("a1", 300).replace("轴", "数"), "the same elements, with other styles, paths or glyphs"),
        (CHART.format("a1", 300).replace('href="#pa1"', 'href="#ca1"'), "the same elements, with other styles"),
    ],
)
def test_how_drawings_differ_is_said(other: str, says: str) -> None:
    verdict = judge_drawing(CHART.format("a1", 300), other, Tolerance())
    assert not verdict.same
    assert verdict.diff.startswith(says)
