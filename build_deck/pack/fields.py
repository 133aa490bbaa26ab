"""What must hold of one rendered note before it may be packed; nothing is repaired here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from build_deck import ids
from build_deck.model.note import FIELDS, Face, RenderedNote
from build_deck.pack.media import mentioned

_ELEMENTS = (
    "a|abbr|audio|b|bdi|bdo|blockquote|br|caption|cite|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em|figcaption"
    "|figure|footer|h[1-6]|header|hr|i|img|ins|kbd|li|mark|object|ol|p|picture|pre|q|rp|rt|ruby|s|samp|section|small"
    "|source|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|time|tr|u|ul|var|video|wbr"
)
_STRAY = re.compile(rf"<(?!/?(?:{_ELEMENTS})(?:[\s>]|/>)|!--).{{0,20}}")
_EMPTY = re.compile(r"(?:\s|&nbsp;|</?(?:br|div|p) ?/?>)*")
_SLOT = re.compile(r"\{\{([#^/]?)\s*(?:[^{}:]*:)*([^{}:]*?)\s*\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFacts:
    """What follows from a note's text alone, and so can be remembered by its digest."""

    faults: tuple[tuple[str, str, str], ...]
    """(code, text, hint)."""
    media: tuple[str, ...]
    """Names that the fields mention."""


def examine(note: RenderedNote, face: Face) -> NoteFacts:
    """Check a note's fields and tags.

    Faults: K206 no card would come of it, K207 a raw `<` that would swallow text, K208 a tag that Anki would
    split or that lies outside our root. Raises ValueError for a wrong number of fields, which is a bug.
    """
    if len(note.fields) != len(FIELDS):
        raise ValueError(f"{note.id} has {len(note.fields)} fields, a note type has {len(FIELDS)}")
    faults = []
    if not makes_card(note, face):
        faults.append(("K206", f"{note.id} would have no card: its front is empty", "give the question a text"))
    for name, html in zip(FIELDS, note.fields, strict=True):
        if stray := _STRAY.search(html):
            faults.append(("K207", f"{note.id}: raw < in {name}: {stray[0]!r}", "write it as &lt;"))
    for tag in note.tags:
        if not tag.startswith(f"{ids.TAG_ROOT}::") or any(map(str.isspace, tag)):
            faults.append(("K208", f"{note.id}: tag {tag!r}", f"{ids.TAG_ROOT}::… without spaces"))
    names = dict.fromkeys(name for html in note.fields for name in mentioned(html))
    return NoteFacts(faults=tuple(faults), media=tuple(names))


def makes_card(note: RenderedNote, face: Face) -> bool:
    """Whether the front shows any field: Anki's own rule, by which a note without such a front has no card."""
    filled = {name for name, html in zip(FIELDS, note.fields, strict=True) if not _EMPTY.fullmatch(html)}
    hidden: list[bool] = []  # of each open section: does it hide what is in it
    for mark, name in _SLOT.findall(face.front):
        if mark == "/":
            hidden.pop()
        elif mark:
            hidden.append((name in filled) == (mark == "^"))
        elif name in filled and not any(hidden):
            return True
    return False
