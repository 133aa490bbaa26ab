"""Cuts running text out of a file: dedented, without markers, every character's origin kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from build_deck.model.card import Prose
from build_deck.model.span import Span
from build_deck.parse.source import Source, dedent


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of text and the place of its first character (both from 0)."""

    text: str
    line: int
    col: int

    def cut(self, start: int, end: int | None = None) -> Row:
        """The part from `start` to `end`, without white space around it."""
        piece = self.text[start:end]
        stripped = piece.lstrip()
        return Row(text=stripped.rstrip(), line=self.line, col=self.col + start + len(piece) - len(stripped))


def rows_of(source: Source, start: int, end: int, indent: int = 0, first: int | None = None) -> list[Row]:
    """Lines `start` to `end`, dedented by `indent` columns; the first line from column `first` on, if given."""
    rows = []
    for number in range(start, end):
        line = source.lines[number]
        if number == start and first is not None:
            text, col = line[first:], first
        else:
            text, col = dedent(line, indent)
        rows.append(Row(text=text, line=number, col=col))
    return rows


def to_prose(rows: Iterable[Row], path: str) -> Prose | None:
    """Text without blank lines around it; None when nothing is left."""
    kept = list(rows)
    while kept and not kept[-1].text.strip():
        kept.pop()
    while kept and not kept[0].text.strip():
        kept.pop(0)
    if not kept:
        return None
    lead = len(kept[0].text) - len(kept[0].text.lstrip())
    first, last = kept[0], kept[-1]
    kept[0] = Row(text=first.text[lead:], line=first.line, col=first.col + lead)
    return Prose(
        text="\n".join(row.text for row in kept).rstrip(),
        span=Span(path, first.line + 1, first.col + lead + 1, last.line + 1),
        origins=tuple((row.line + 1, row.col + 1) for row in kept),
    )
