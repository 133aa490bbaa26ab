"""The figure style and every drawing that ships: colours for all eyes and both papers, text for a phone."""

from __future__ import annotations

import ast
import itertools
import math
import re
from pathlib import Path

import pytest

from build_deck.cells.ink import INK, INKS, PAPER
from build_deck.render.tokens import DARK, LIGHT
from tests.draw.svg_facts import plots, text_sizes, width

PROJECT = Path(__file__).resolve().parents[2]
STYLE = (PROJECT / "build_deck/draw/figure.mplstyle").read_text(encoding="utf-8")
SHIPPED = sorted((PROJECT / "figures").glob("*/*.svg"))
PHONE = 390 - 2 * 18
"""What a card's padding leaves of a phone's width, in pixels; `tests/browser` measures it."""
READABLE = 12.0
"""Nine points in pixels."""

SEEN_BY = {
    "most": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopes": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopes": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "tritanopes": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""Linear RGB to linear RGB: Machado, Oliveira & Fernandes 2009, severity 1."""
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))

Triple = tuple[float, float, float]


def cycle(name: str) -> list[object]:
    """What the style's cycle says of `color` or `linestyle`."""
    found = re.search(rf"cycler\('{name}', (\[.*?\])\)(?: \+|$)", STYLE, re.MULTILINE)
    assert found is not None
    return list(ast.literal_eval(found[1]))


SERIES = [f"#{colour}" for colour in cycle("color")]


def times(matrix: tuple[Triple, Triple, Triple], vector: Triple) -> Triple:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def linear(colour: str) -> Triple:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    bent = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return bent[0], bent[1], bent[2]


def lab(light: Triple) -> Triple:
    white = times(XYZ, (1, 1, 1))
    parts = [max(0, a / b) for a, b in zip(times(XYZ, light), white, strict=True)]
    x, y, z = (math.cbrt(part) if part > 0.008856 else 7.787 * part + 16 / 116 for part in parts)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def contrast(one: str, other: str) -> float:
    high, low = sorted((times(XYZ, linear(each))[1] for each in (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("eyes", sorted(SEEN_BY))
def test_series_are_told_apart_by_all_eyes(eyes: str) -> None:
    seen = {colour: lab(times(SEEN_BY[eyes], linear(colour))) for colour in SERIES}
    close = {pair: math.dist(seen[pair[0]], seen[pair[1]]) for pair in itertools.combinations(SERIES, 2)}
    assert len(SERIES) == 6
    assert {pair: distance for pair, distance in close.items() if distance < 15} == {}


@pytest.mark.parametrize("paper", [LIGHT["paper"], DARK["paper"]])
def test_series_stand_out_from_both_papers(paper: str) -> None:
    assert {colour: contrast(colour, paper) for colour in SERIES if contrast(colour, paper) < 3} == {}


def test_ink_and_paper_of_figures_are_those_of_the_card() -> None:
    assert {
        "light": {INK: LIGHT["ink"], PAPER: LIGHT["paper"]},
        "dark": {INK: DARK["ink"], PAPER: DARK["paper"]},
    } == INKS


def test_every_series_has_dashes_of_its_own() -> None:
    dashes = [str(each) for each in cycle("linestyle")]
    assert len(set(dashes)) == len(dashes) == len(SERIES)


@pytest.mark.parametrize("drawing", SHIPPED, ids=lambda path: path.parent.name)
def test_a_shipped_drawing_is_in_the_palette(drawing: Path) -> None:
    used = set(re.findall(r"#[0-9a-f]{6}\b", drawing.read_text(encoding="utf-8").lower()))
    assert used <= {INK, PAPER, *SERIES}


@pytest.mark.parametrize("drawing", SHIPPED, ids=lambda path: path.parent.name)
def test_lines_of_a_shipped_drawing_never_differ_by_colour_alone(drawing: Path) -> None:
    for lines in plots(drawing.read_text(encoding="utf-8")):
        alike = [pair for pair in itertools.combinations(set(lines), 2) if pair[0].look == pair[1].look]
        assert alike == []


@pytest.mark.parametrize("drawing", SHIPPED, ids=lambda path: path.parent.name)
def test_text_of_a_shipped_drawing_is_nine_points_on_a_phone(drawing: Path) -> None:
    svg = drawing.read_text(encoding="utf-8")
    shown = min(1, PHONE / width(svg))
    sizes = text_sizes(svg)
    assert sizes
    assert min(sizes) * shown >= READABLE
