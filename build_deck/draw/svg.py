"""One drawing in, two pictures out: the sentinel inks replaced by those of the light and of the dark card."""

from __future__ import annotations

import hashlib
import re

from build_deck.cells.ink import inked
from build_deck.model.note import Media, Picture

_PROLOGUE = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_BETWEEN_TAGS = re.compile(r">\s*\n\s*<")
_UNSAFE = {
    "a script": re.compile(r"<script|\son\w+\s*=", re.IGNORECASE),
    "foreign HTML": re.compile(r"<foreignObject|<iframe|<object|<embed", re.IGNORECASE),
    "an outside reference": re.compile(
        r"""(?:href|src)\s*=\s*["'](?!#|data:image/)|url\(\s*['"]?(?!#)|@import""", re.IGNORECASE
    ),
}  # fmt: skip


def picture(card: str, key: str, svg: str, alt: str) -> Picture:
    """`svg` in both inks, named `proofdeck-<card>-<key>-<ink>-<hash>.svg`; the hash is of the content."""
    lean = _BETWEEN_TAGS.sub("><", _PROLOGUE.sub("", svg)).strip()
    return Picture(light=_inked(card, key, lean, "light"), dark=_inked(card, key, lean, "dark"), alt=alt)


def unsafe_parts(svg: str) -> tuple[str, ...]:
    """Names of what a picture must not hold; none for a picture that draws and does nothing else."""
    body = re.sub(r"<!DOCTYPE.*?>", "", svg, flags=re.DOTALL)
    return tuple(name for name, pattern in _UNSAFE.items() if pattern.search(body))


def _inked(card: str, key: str, svg: str, ink: str) -> Media:
    data = inked(svg, ink).encode()
    stem = key.replace("/", "-").removesuffix(".svg")
    return Media(name=f"proofdeck-{card}-{stem}-{ink}-{hashlib.sha256(data).hexdigest()[:8]}.svg", data=data)
