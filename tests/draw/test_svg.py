"""Two inks from one drawing; nothing in a picture may load or run anything."""

from __future__ import annotations

import hashlib

import pytest

from build_deck.cells.ink import INK, INKS, PAPER
from build_deck.draw.svg import picture, unsafe_parts

DRAWING = f"""<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
 <metadata><rdf>made by a plotter</rdf></metadata>
 <path style="stroke: {INK.upper()}; fill: {PAPER}"/>
 <use xlink:href="#glyph"/>
</svg>
"""


def test_each_ink_replaces_the_sentinels_whatever_their_case() -> None:
    shown = picture("rope", "plot/plot", DRAWING, "曲线")
    for media, ink in ((shown.light, "light"), (shown.dark, "dark")):
        text = media.data.decode()
        assert f"stroke: {INKS[ink][INK]}; fill: {INKS[ink][PAPER]}" in text
        assert INK not in text.lower()
        assert PAPER not in text.lower()
    assert shown.light.data != shown.dark.data
    assert shown.alt == "曲线"


def test_the_name_carries_the_hash_of_the_content() -> None:
    light = picture("rope", "plot/plot.svg", DRAWING, "").light
    assert light.name == f"proofdeck-rope-plot-plot-light-{hashlib.sha256(light.data).hexdigest()[:8]}.svg"
    assert picture("rope", "plot/plot.svg", DRAWING.replace("fill", "color"), "").light.name != light.name


def test_prologue_metadata_and_line_breaks_between_tags_are_dropped() -> None:
    text = picture("rope", "plot", DRAWING, "").light.data.decode()
    assert text.startswith("<svg")
    assert "DOCTYPE" not in text
    assert "plotter" not in text
    assert ">\n" not in text


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("<script>alert(1)</script>", "a script"),
        ('<rect onload="alert(1)"/>', "a script"),
        ("<foreignObject><b>hi</b></foreignObject>", "foreign HTML"),
        ('<image href="https://example.org/x.png"/>', "an outside reference"),
        ("<style>@import 'x.css'</style>", "an outside reference"),
        ("<rect style=\"fill:url('https://example.org/#a')\"/>", "an outside reference"),
    ],
)
def test_what_loads_or_runs_is_named(part: str, name: str) -> None:
    assert unsafe_parts(DRAWING.replace("<use", part + "<use")) == (name,)


def test_a_plain_drawing_is_safe() -> None:
    inner = '<use xlink:href="#glyph"/><image xlink:href="data:image/png;base64,AA=="/><path clip-path="url(#c1)"/>'
    assert unsafe_parts(DRAWING.replace('<use xlink:href="#glyph"/>', inner)) == ()
