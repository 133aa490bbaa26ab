"""Bytes of an answer file → lines. Byte-order mark and line ends are normalised here and nowhere else.

What is not UTF-8 is a fault with its byte offset, never an exception; the rest of the file is read on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from build_deck.model.span import Span
from build_deck.parse.faults import Faults

_LINE_END = re.compile(r"\r\n?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MANY = 20
"""Faults of one kind after which a file is binary, and more of them tell nothing."""

TAB = 4
"""Columns of a tab stop, as in CommonMark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The lines of one answer file, counted from 0 here and from 1 in spans."""

    path: str
    lines: tuple[str, ...]

    def span(self, line: int, col: int = 0, end: int = 0) -> Span:
        """Span from line and column (both from 0) up to line `end` (from 0, exclusive)."""
        return Span(self.path, line + 1, col + 1, end)

    def trimmed(self, start: int, end: int) -> int:
        """`end` moved up past blank lines, never above `start`."""
        while end > start and not self.lines[end - 1].strip():
            end -= 1
        return end


def decode(data: bytes, path: str, faults: Faults) -> str:
    """The text of a file; bytes that are not UTF-8 become U+FFFD and a fault each."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    offset, pieces = 0, []
    while True:
        try:
            pieces.append(data[offset:].decode())
            break
        except UnicodeDecodeError as fault:
            pieces.append(data[offset : offset + fault.start].decode() + "\ufffd")
            at, before = offset + fault.start, normalise("".join(pieces)[:-1])
            faults.error("P001", _place(path, before), f"invalid UTF-8 at byte {at}: 0x{data[at]:02x}", "save as UTF-8")
            offset += fault.end
            if len(pieces) > _MANY:
                pieces.append(data[offset:].decode(errors="replace"))
                break
    return "".join(pieces)


def normalise(text: str) -> str:
    """Every line end as a line feed."""
    return _LINE_END.sub("\n", text) if "\r" in text else text


def read_source(text: str, path: str, faults: Faults) -> Source:
    """Split into lines; a control character is a fault with its byte offset and becomes U+FFFD."""
    text = normalise(text.removeprefix("\ufeff"))
    for match in islice(_CONTROL.finditer(text), _MANY):
        before = text[: match.start()]
        offset = len(before.encode(errors="surrogatepass"))
        faults.error(
            "P002", _place(path, before), f"control character U+{ord(match[0]):04X} at byte {offset}", "delete it"
        )
    return Source(path=path, lines=tuple(_CONTROL.sub("\ufffd", text).split("\n")))


def _place(path: str, before: str) -> Span:
    return Span(path, before.count("\n") + 1, len(before) - before.rfind("\n"))


def indent_of(line: str) -> int:
    """Columns of white space at the start of a line."""
    column = 0
    for char in line:
        if char == "\t":
            column += TAB - column % TAB
        elif char == " ":
            column += 1
        else:
            break
    return column


def dedent(line: str, columns: int) -> tuple[str, int]:
    """The line without up to `columns` columns of leading white space, and the source column (from 0) it starts at.

    A tab that reaches further is replaced by the spaces that are left of it; the column is then smaller by those,
    so that every character behind them keeps its place.
    """
    column = index = 0
    while index < len(line) and column < columns and line[index] in " \t":
        column += TAB - column % TAB if line[index] == "\t" else 1
        index += 1
    left = max(0, column - columns)
    return " " * left + line[index:], index - left
