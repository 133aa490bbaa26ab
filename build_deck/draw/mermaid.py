"""Mermaid text → SVG, drawn once and frozen; the only module that imports merm.

A diagram with `renderer=mmdc` is drawn by hand with mermaid-cli and only its frozen file is used here.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from build_deck.cells.ink import INK, PAPER
from build_deck.files import write_if_changed
from build_deck.model.card import Diagram

THEME_VERSION = "2"
"""Rises when the theme below changes, so that every diagram is drawn again."""

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
        node_fill="rgba(47,127,209,0.14)", node_stroke="#2f7fd1", node_text_color=INK, node_font_size="15px",
        edge_stroke="#8a8f98", edge_stroke_width="1.5", edge_label_bg=PAPER, edge_label_font_size="13px",
        subgraph_fill="rgba(138,143,152,0.10)", subgraph_stroke="#8a8f98", subgraph_title_font_size="13px",
        font_family=FONTS, text_color=INK, background_color="none", rank_sep=34.0, node_sep=22.0,
    )  # fmt: skip
    try:
        svg = merm.render_diagram(source, theme=theme)
    except Exception as fault:  # each of merm's parsers raises an error class of its own
        line = re.match(r"Line (\d+): ", str(fault))
        text = "mermaid: " + str(fault).removeprefix(line[0] if line else "").splitlines()[0]
        raise DiagramError(text, int(line[1]) - 1 if line else 0, "see the mermaid manual for this diagram") from fault
    # what merm leaves unstyled, such as labels of edges, is black in its 16 px: unreadable by night
    inherited = f'<svg fill="{INK}" font-size="13" font-family="{FONTS.replace(chr(34), chr(39))}"'
    # edge labels keep their quotes, and a font stack with double quotes breaks an attribute
    return str(svg).replace("&quot;", "'").replace("<svg", inherited, 1)
