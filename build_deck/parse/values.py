"""Text of an attribute → typed value; None says that it is not one. Reporting is for `attributes.Reader`."""

from __future__ import annotations

import re

from build_deck.model.card import Kind

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")
_MONTH = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_WORDS = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_TIMEOUT = 600


def depth(text: str) -> int | None:
    """1, 2 or 3."""
    return int(text) if text in ("1", "2", "3") else None


def kind(text: str) -> Kind | None:
    """One of the kinds of question."""
    return next((item for item in Kind if item.value == text), None)


def boolean(text: str) -> bool | None:
    """true or false."""
    return {"true": True, "false": False}.get(text)


def minutes(text: str) -> int | None:
    """A whole number of minutes, 1 to 120."""
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 120 else None


def seconds(text: str) -> float | None:
    """A number of seconds up to ten minutes."""
    value = tolerance(text)
    return value if value is not None and 0 < value <= _LONGEST_TIMEOUT else None


def tolerance(text: str) -> float | None:
    """A finite number that is not negative."""
    if not re.fullmatch(r"\d{1,9}(?:\.\d{1,12})?(?:e-?\d{1,2})?", text):
        return None
    return float(text)


def version(text: str) -> str | None:
    """A release such as 1.2 or 1.2.0."""
    return text if _VERSION.fullmatch(text) else None


def date(text: str) -> str | None:
    """A year, month or day: 2026, 2026-11, 2026-11-23."""
    return text if _MONTH.fullmatch(text) else None


def name(text: str) -> str | None:
    """Lower-case ASCII words joined by hyphens, as in ids and file names."""
    return text if _WORDS.fullmatch(text) else None


def identifier(text: str) -> str | None:
    """A Python name, dots allowed."""
    return text if text.isascii() and all(part.isidentifier() for part in text.split(".")) else None


def phrase(text: str) -> str | None:
    """Text with something in it."""
    return text.strip() or None


def listing(text: str) -> tuple[str, ...] | None:
    """Entries separated by commas, none of them empty."""
    entries = tuple(entry.strip() for entry in text.split(","))
    return entries if all(entries) else None


def comparison(text: str) -> str | None:
    """How a re-run is judged."""
    return text if text in ("text", "numbers", "shape", "none") else None


def address(text: str) -> str | None:
    """An http address."""
    return text if re.fullmatch(r"https?://[^\s/]\S*", text) else None


def names(text: str) -> tuple[str, ...] | None:
    """Ids separated by commas, each once."""
    entries = listing(text)
    if entries is None or len(set(entries)) < len(entries) or any(name(entry) is None for entry in entries):
        return None
    return entries
