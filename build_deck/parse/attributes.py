"""The `{#id .class key=value key="quoted, with {anything}"}` at the end of a line.

A parser of our own, because the Markdown plugin's rejects braces in quotes and commas in bare values and silently keeps
the last of duplicates. It knows the notation; which names and values make sense is for its callers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from build_deck.model.span import Span
from build_deck.parse.faults import Faults

Value = TypeVar("Value")

_OPENING = re.compile(r"(?<!\S)\{(?=[#.][^\W\d_]|[A-Za-z][\w-]*=)")
_ITEM = re.compile(
    r"""[ \t]*(?:
        (?P<close>\})
      | \#(?P<id>[^\s{}"=#]+)
      | \.(?P<class>[^\s{}"=#.]+)
      | (?P<key>[A-Za-z][\w-]*)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s{}"]+))
    )(?=[\s}]|$)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One entry; an id has the name `id`, a class the name `class`."""

    name: str
    value: str
    col: int
    """Column of its first character, from 0."""
    value_col: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What stands in one pair of braces, duplicates left out."""

    entries: tuple[Attribute, ...] = ()
    col: int = -1
    """Column of the opening brace, from 0; -1 when the line has no attributes."""

    def get(self, name: str) -> Attribute | None:
        """The entry with this name."""
        for entry in self.entries:  # a loop, because this is asked twenty times for every fence
            if entry.name == name:
                return entry
        return None

    def value(self, name: str) -> str | None:
        """The value under this name."""
        entry = self.get(name)
        return entry.value if entry else None

    @property
    def classes(self) -> frozenset[str]:
        """All classes."""
        return frozenset(entry.value for entry in self.entries if entry.name == "class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that may end in attributes, and where it stands."""

    text: str
    path: str
    number: int
    """From 1."""
    shift: int = 0
    """Source column (from 0) of the text's first character."""

    def span(self, col: int) -> Span:
        """The place of column `col` (from 0) of the text."""
        return Span(self.path, self.number, self.shift + col + 1)


def read_attributes(line: Line, faults: Faults, start: int = 0) -> Attributes:
    """The attributes at the end of the line, looked for from column `start`; none is no fault, a broken one is."""
    text = line.text.rstrip()
    broken: tuple[int, int] | None = None
    for opening in _OPENING.finditer(text, start):
        entries, end, closed = _entries(text, opening.end())
        if closed and end == len(text):
            return Attributes(entries=_unique(entries, line, faults), col=opening.start())
        if text[opening.end()] in "#." or text.endswith("}"):
            broken = broken or (opening.start(), -1 if closed else end)
    if broken:
        _report(line, text, broken, faults)
    return Attributes()


def _report(line: Line, text: str, broken: tuple[int, int], faults: Faults) -> None:
    start, stopped = broken
    if stopped == -1:
        faults.error("P305", line.span(start), "attributes must be the last thing on the line", "move `{…}` to the end")
    elif stopped >= len(text):
        faults.error("P301", line.span(start), "`{` is never closed", "add `}`")
    else:
        word = text[stopped:].split(maxsplit=1)[0]
        hint = 'write `#id`, `.class`, `key=value` or `key="value with spaces"`'
        faults.error("P301", line.span(stopped), f"cannot read attribute `{word}`", hint)


def _entries(text: str, position: int) -> tuple[list[Attribute], int, bool]:
    """Entries from `position` on, where reading stopped, and whether it stopped behind a closing brace."""
    entries: list[Attribute] = []
    while match := _ITEM.match(text, position):
        if match["close"]:
            return entries, match.end(), True
        entries.append(_entry(match))
        position = match.end()
    while position < len(text) and text[position] in " \t":
        position += 1
    return entries, position, False


def _entry(match: re.Match[str]) -> Attribute:
    kind = match.lastgroup or ""
    col = match.start(kind)
    if kind in ("id", "class"):
        return Attribute(name=kind, value=match[kind], col=col - 1, value_col=col)
    value = re.sub(r"\\(.)", r"\1", match[kind]) if kind == "quoted" else match[kind]
    return Attribute(name=match["key"], value=value, col=match.start("key"), value_col=col)


def _unique(entries: list[Attribute], line: Line, faults: Faults) -> tuple[Attribute, ...]:
    seen: dict[tuple[str, str], Attribute] = {}
    for entry in entries:
        key = (entry.name, entry.value if entry.name == "class" else "")
        if key in seen:
            what = f"class `{entry.value}`" if entry.name == "class" else f"attribute `{entry.name}`"
            faults.error("P302", line.span(entry.col), f"{what} is given twice", "keep one")
        else:
            seen[key] = entry
    return tuple(seen.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Typed access to attributes; a bad value is a fault at its column and reads as the default."""

    attributes: Attributes
    line: Line
    faults: Faults

    def known(self, names: tuple[str, ...], classes: tuple[str, ...] = ()) -> None:
        """Report every entry that is neither one of these names nor one of these classes."""
        for entry in self.attributes.entries:
            if entry.name == "class" and entry.value not in classes:
                self._unknown(entry, f"unknown class `.{entry.value}`", classes)
            elif entry.name not in ("class", *names):
                self._unknown(entry, f"unknown attribute `{entry.name}`", names)

    def read(self, name: str, convert: Callable[[str], Value | None], expected: str) -> Value | None:
        """The converted value, or None when absent or (reported) when `convert` gives None."""
        entry = self.attributes.get(name)
        if entry is None:
            return None
        value = convert(entry.value)
        if value is None:
            self.faults.error(
                "P304", self.line.span(entry.value_col), f"`{name}={entry.value}` is not valid", f"write {expected}"
            )
        return value

    def _unknown(self, entry: Attribute, text: str, known: tuple[str, ...]) -> None:
        hint = "known here: " + ", ".join(known) if known else "none is known here"
        self.faults.error("P303", self.line.span(entry.col), text, hint)
