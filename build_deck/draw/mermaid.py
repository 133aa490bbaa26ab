"""Mermaid text → SVG, drawn once and frozen; the only module that imports merm.

A diagram with `renderer=mmdc` is drawn by hand with mermaid-cli and only its frozen file is used here.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from build_deck.cells.ink import INK, PAPER
from build_deck.files import write_if_changed
from build_deck.model.card import Diagram

THEME_VERSION = "3"
"""Rises when the theme below changes, so that every diagram is drawn again."""

RANK_GAP, NODE_GAP = 50.0, 22.0
"""Pixels between neighbours: between ranks, a label and the head of an arrow have room."""

_FLOWCHART = re.compile(r"^\s*(?:flowchart|graph)\b", re.MULTILINE)
_EDGE_LABEL = re.compile(r'(<g class="edge-label"[^>]*>)\s*<rect[^>]*/>\s*<text')
_HALO = rf'\1<text stroke="{PAPER}" stroke-width="6" stroke-linejoin="round" paint-order="stroke"'
"""A rim around the letters: merm's own box is as wide as Latin ones would be, and covers arrows."""

FONTS = '-apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'


class DiagramError(Exception):
    """A diagram that cannot be drawn; `line` counts from 0 within the fence."""

    def __init__(self, text: str, line: int = 0, hint: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.line = line
        self.hint = hint


def render_frozen(diagram: Diagram, frozen: Path, *, keep: bool) -> str:
    """The SVG of `diagram`, from `frozen` when its stamp matches, else drawn now (and frozen when `keep`).

    Raises DiagramError when the text is not mermaid, or is left to mermaid-cli and not frozen yet.
    """
    stamp = f"<!-- mermaid {_digest(diagram)} -->"
    if frozen.is_file():
        text = frozen.read_text(encoding="utf-8")
        if text.startswith(stamp):
            return text.removeprefix(stamp).lstrip()
    if diagram.renderer != "merm":
        hint = f"draw it with mermaid-cli (htmlLabels: false), put `{stamp}` before it and commit it"
        raise DiagramError(f"no fresh drawing in figures/{frozen.parent.name}/{frozen.name}", hint=hint)
    svg = _draw(diagram.source)
    if keep:
        write_if_changed(frozen, f"{stamp}\n{svg}\n")
    return svg


def _digest(diagram: Diagram) -> str:
    parts = (THEME_VERSION, diagram.renderer, diagram.source)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _draw(source: str) -> str:
    import merm  # noqa: PLC0415  (drawn once, then frozen: most builds never need it)

    theme = merm.Theme(
        node_fill="rgba(26,117,236,0.12)", node_stroke="#1a75ec", node_text_color=INK, node_font_size="15px",
        edge_stroke="#8e939c", edge_stroke_width="1.5", edge_label_bg=PAPER, edge_label_font_size="13px",
        subgraph_fill="rgba(142,147,156,0.10)", subgraph_stroke="#8e939c", subgraph_title_font_size="13px",
        font_family=FONTS, text_color=INK, background_color="none",
    )  # fmt: skip
    try:
        svg = _laid_out(source, theme) if _FLOWCHART.search(source) else str(merm.render_diagram(source, theme=theme))
    except Exception as fault:  # each of merm's parsers raises an error class of its own
        line = re.match(r"Line (\d+): ", str(fault))
        text = "mermaid: " + str(fault).removeprefix(line[0] if line else "").splitlines()[0]
        raise DiagramError(text, int(line[1]) - 1 if line else 0, "see the mermaid manual for this diagram") from fault
    # what merm leaves unstyled, such as labels of edges, is black in its 16 px: unreadable by night
    inherited = f'<svg fill="{INK}" font-size="13" font-family="{FONTS.replace(chr(34), chr(39))}"'
    # edge labels keep their quotes, and a font stack with double quotes breaks an attribute
    return _EDGE_LABEL.sub(_HALO, svg.replace("&quot;", "'").replace("<svg", inherited, 1))


def _laid_out(source: str, theme: Any) -> str:
    """A flowchart with our gaps, for which merm does not ask its theme."""
    from merm import parse_flowchart  # noqa: PLC0415  (as above)
    from merm.layout import LayoutConfig, layout_diagram  # noqa: PLC0415
    from merm.measure import TextMeasurer  # noqa: PLC0415
    from merm.render import render_svg  # noqa: PLC0415

    diagram = parse_flowchart(source)
    gaps = LayoutConfig(direction=diagram.direction, rank_sep=RANK_GAP, node_sep=NODE_GAP)
    layout = layout_diagram(diagram, measure_fn=TextMeasurer().measure, config=gaps)
    return str(render_svg(diagram, layout, theme=theme))
