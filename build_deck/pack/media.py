"""The media of a package: one flat namespace, in which a name stands for one content.

Nothing is renamed or converted here; a clash is a fault, because Anki would keep only one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from build_deck.model.note import Media, RenderedNote
from build_deck.model.problem import Problem
from build_deck.model.span import Span

STORED = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif"})
"""Formats that are compressed already."""

_MENTION = re.compile(
    r"""<(?:img|audio|video|source|object)\b[^>]*?\s(?:src|data)\s*=\s*["']?([^"'\s>]+)|\[sound:([^\]]+)\]"""
)
_PORTABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NOWHERE = Span("source/deck.yaml", 1)


def mentioned(html: str) -> tuple[str, ...]:
    """Names of the media that Anki would look for when it shows `html`."""
    found = (source or sound for source, sound in _MENTION.findall(html))
    return tuple(name for name in found if not name.startswith("data:"))


def gather(media: Iterable[Media]) -> tuple[dict[str, Media], tuple[Problem, ...]]:
    """Media by name, each once.

    Problems: K301 one name for two contents (also when only upper and lower case differ, which is one file on
    many disks), K302 a name that not every system can store.
    """
    by_name: dict[str, Media] = {}
    folded: dict[str, Media] = {}
    problems: list[Problem] = []
    for item in media:
        other = folded.setdefault(item.name.casefold(), item)
        if other is not item and (other.data != item.data or other.name != item.name):
            text = f"two media files are called {item.name}" + (f" and {other.name}" * (other.name != item.name))
            problems.append(_problem("K301", text, "a media name carries a hash of its content"))
        elif not _PORTABLE.fullmatch(item.name):
            problems.append(_problem("K302", f"{item.name!r} is no portable file name", "letters, digits, . _ - only"))
        by_name.setdefault(item.name, item)
    return by_name, tuple(problems)


def missing(note: RenderedNote, names: tuple[str, ...], available: Mapping[str, Media]) -> tuple[str, ...]:
    """Media that the note declares, or whose `names` its fields mention, and that no stage has made."""
    return tuple(sorted({*note.media, *names} - available.keys()))


def is_compressed(name: str) -> bool:
    """Whether deflating the file would be wasted work."""
    return PurePosixPath(name).suffix.lower() in STORED


def _problem(code: str, text: str, hint: str) -> Problem:
    return Problem(code=code, span=_NOWHERE, text=text, hint=hint)
