"""What a frozen drawing says of itself: how large its text is, what its lines look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_GLYPHS = re.compile(r"scale\(([\d.]+) -[\d.]+\)")
_FONT_SIZE = re.compile(r"font-size[:=]\s*\"?([\d.]+)")
_PER_POINT = 96 / 72


@dataclass(frozen=True)
class Line:
    """One line of a plot: its colour, and all that tells it apart without one."""

    colour: str
    look: tuple[str, ...]


def width(svg: str) -> float:
    """Of the whole drawing, in CSS pixels."""
    found = re.search(r'<svg[^>]*?\swidth="([\d.]+)(pt)?"', svg)
    assert found is not None
    return float(found[1]) * (_PER_POINT if found[2] else 1)


def text_sizes(svg: str) -> list[float]:
    """Of every text in CSS pixels, drawn at the drawing's own width; an index or exponent counts as its base.

    matplotlib draws glyphs of 100 units to the em and writes the size into the scale of their group.
    """
    root = ElementTree.fromstring(svg)
    glyphs = [_GLYPHS.search(each.get("transform", "")) for each in root.iter(f"{_SVG}g")]
    drawn = [float(found[1]) * 100 * _PER_POINT for found in glyphs if found is not None]
    return drawn or [float(size) for size in _FONT_SIZE.findall(svg)]


def plots(svg: str) -> list[list[Line]]:
    """The lines of every pair of axes; those of a legend, of ticks and of the grid are not among them."""
    root = ElementTree.fromstring(svg)
    shapes = {each.get("id", ""): each.get("d", "") for each in root.iter(f"{_SVG}path")}
    axes = [each for each in root.iter(f"{_SVG}g") if each.get("id", "").startswith("axes_")]
    return [[_line(each, shapes) for each in one if each.get("id", "").startswith("line2d_")] for one in axes]


def _line(drawn: Element, shapes: dict[str, str]) -> Line:
    looks, colours = [], []
    for part in drawn.iter():
        style = dict(re.findall(r"([\w-]+):\s*([^;]+)", part.get("style", "")))
        colours += [style[name] for name in ("stroke", "fill") if style.get(name, "none") != "none"]
        if part.tag == f"{_SVG}use":
            looks.append(f"marker {shapes[part.get(_HREF, '').removeprefix('#')]}")
        elif style and part.get("id") is None:
            looks.append(f"line {style.get('stroke-dasharray', 'solid')}")
    return Line(colour=colours[0], look=tuple(sorted(set(looks))))
