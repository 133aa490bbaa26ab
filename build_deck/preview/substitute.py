"""Anki's field substitution, as far as our faces use it: `{{X}}`, `{{#X}}…{{/X}}`, `{{^X}}…{{/X}}`, `{{FrontSide}}`.

Filters, special fields and cloze are refused, so that a face which needs them cannot look right here and wrong in Anki.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TAG = re.compile(r"\{\{([#^/]?)\s*([^{}]+?)\s*\}\}")
_EMPTY = re.compile(r"(?:\s|</?(?:br|div) ?/?>)*", re.IGNORECASE)
"""What Anki takes for an empty field."""


def sides(front: str, back: str, fields: Mapping[str, str]) -> tuple[str, str]:
    """Both sides of a card. Raises ValueError for a template that asks for what is no field."""
    question = fill(front, fields)
    return question, fill(back, {**fields, "FrontSide": question})


def fill(template: str, fields: Mapping[str, str]) -> str:
    """`template` with every field in its place; sections of empty fields are gone, those of full ones stay."""
    shown: list[str] = []
    open_sections: list[tuple[str, bool]] = []
    at = 0
    for tag in _TAG.finditer(template):
        sign, name = tag.groups()
        if name not in fields:
            raise ValueError(f"{tag[0]} is no field")
        visible = all(kept for _, kept in open_sections)
        if visible:
            shown.append(template[at : tag.start()])
        if sign == "/":
            if not open_sections or open_sections.pop()[0] != name:
                raise ValueError(f"{tag[0]} closes nothing")
        elif sign:
            empty = _EMPTY.fullmatch(fields[name]) is not None
            open_sections.append((name, empty is (sign == "^")))
        elif visible:
            shown.append(fields[name])
        at = tag.end()
    if open_sections:
        raise ValueError(f"section {open_sections[-1][0]} is never closed")
    return "".join((*shown, template[at:]))
