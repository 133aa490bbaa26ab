"""A page as an Anki client builds it: the fields in the face, the face in `body.card`. For eyes and for Chromium."""

from __future__ import annotations

import re
from pathlib import Path

from build_deck.model.note import FIELDS, Face, RenderedNote

DESKTOP = "card card1"
ANKI = (
    "body{margin:20px} hr{background-color:#737373;height:1px} body.nightMode{background-color:#2c2c2c;color:#fcfcfc}"
)
"""What Anki's own reviewer.css says about the same elements."""

MATHJAX = Path("_aqt/data/web/js/vendor/mathjax/tex-chtml-full.js")


def fill(template: str, note: RenderedNote) -> str:
    """Anki's substitution, as far as our faces use it: `{{#X}}…{{/X}}` and `{{X}}`."""
    fields = dict(zip(FIELDS, note.fields, strict=True))
    for name, value in fields.items():
        template = re.sub(
            rf"\{{\{{#{name}\}}\}}(.*?)\{{\{{/{name}\}}\}}", r"\1" if value.strip() else "", template, flags=re.DOTALL
        )
    return re.sub(r"\{\{(\w+)\}\}", lambda match: fields[match[1]], template)


def page(face: Face, note: RenderedNote, side: str, *, night: bool = False, mathjax: Path | None = None) -> str:
    """A whole HTML document of one side."""
    html = fill(face.front if side == "front" else face.back, note)
    body = f"{DESKTOP} nightMode night_mode" if night else DESKTOP
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{ANKI}</style>'
    if mathjax is not None:
        head += f'<script src="{mathjax.as_uri()}" async></script>'
    content = f'<div id="qa"><style>{face.css}</style>{html}</div>'
    return f'<!DOCTYPE html><html><head>{head}</head><body class="{body}">{content}</body></html>'
