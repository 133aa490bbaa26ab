"""One drawing, two inks: text and lines are drawn in sentinel colours, which stand for those of the page."""

import re

INK = "#0c0c0c"
"""What `figure.mplstyle` and the mermaid theme draw text and lines in."""
PAPER = "#f0f0f1"
"""What stands behind text that must hide a line."""

INKS = {"light": {INK: "#1f2328", PAPER: "#ffffff"}, "dark": {INK: "#e6e8eb", PAPER: "#1c1e22"}}


def inked(svg: str, ink: str) -> str:
    """The drawing for a `light` or a `dark` page."""
    for sentinel, colour in INKS[ink].items():
        svg = re.sub(re.escape(sentinel), colour, svg, flags=re.IGNORECASE)
    return svg
