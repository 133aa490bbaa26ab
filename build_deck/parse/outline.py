"""Blocks of one question → its labelled fields, still as blocks. What belongs to no field is reported here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from build_deck.model.card import Label
from build_deck.model.span import Span
from build_deck.parse.faults import Faults
from build_deck.parse.items import ITEM_LABELS
from build_deck.parse.labels import mistaken_label, read_label
from build_deck.parse.markdown import Block
from build_deck.parse.prose import Row
from build_deck.parse.source import Source, indent_of

_MARKER = re.compile(r"[ \t]*([-*+]|\d{1,9}[.)])([ \t]*)")
_LISTS = frozenset({"bullet_list", "ordered_list"})
_SHORT = ITEM_LABELS | {Label.ANSWER}
"""Fields that are short by nature; text far from them at the left edge rarely belongs to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A bullet or number: where its text begins."""

    first: int
    """Column (from 0, in characters) of the text on the marker's own line."""
    indent: int
    """Columns by which the item's further lines are indented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A block of a field and how to cut its text out."""

    block: Block
    indent: int
    first: int | None = None
    """Column where the text starts on the first line, when a marker or a label stands before it."""
    marker: Marker | None = None
    """Of a bullet that stands beside the label rather than under it."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """A field while its blocks are gathered."""

    label: Label
    line: int
    col: int
    named: bool = True
    """Whether the author wrote the label."""
    pieces: list[Piece] = field(default_factory=list)
    lead: Row | None = None
    """Text behind a bold question, the first line of an answer without label."""


def marker_of(source: Source, line: int, start: int = 0) -> Marker:
    """The list marker at column `start` of a line; a line without one gives its own start."""
    text = source.lines[line]
    match = _MARKER.match(text, start)
    if match is None:
        return Marker(first=start, indent=start)
    width = len(text[: match.end(1)].expandtabs(4))
    gap = len(match[2]) if 1 <= len(match[2]) <= 4 else 1
    return Marker(first=match.end(), indent=width + gap)


class Outline:
    """Sorts the blocks of one question into fields."""

    def __init__(self, source: Source, faults: Faults, lead: Row | None, strict: bool) -> None:
        self._source, self._faults, self._strict = source, faults, strict
        self.drafts: list[Draft] = []
        self._current: Draft | None = None
        if lead is not None:
            self._unlabelled(lead.line, lead.col).lead = lead

    def add(self, block: Block) -> None:
        """Take the next top-level block."""
        if block.kind != "bullet_list":
            self._loose(Piece(block=block, indent=indent_of(self._source.lines[block.start])))
            return
        for item in block.children:
            marker = marker_of(self._source, item.start)
            label = read_label(self._source.lines[item.start], marker.first)
            if label is None:
                self._warn_mistaken(item, marker)
                self._loose(Piece(block=item, indent=indent_of(self._source.lines[item.start]), marker=marker))
            else:
                self._labelled(item, marker, label)
            self._warn_nested(item, marker)

    def _labelled(self, item: Block, marker: Marker, label: tuple[Label, int]) -> None:
        name, content = label
        old = next((draft for draft in self.drafts if draft.label is name), None)
        if old is not None and not old.named:
            self._discard(old)
            old = None
        if old is not None:
            span = self._source.span(item.start, marker.first)
            text = f"`{name}` is given twice; the first is on line {old.line + 1}"
            self._faults.error("P204", span, text, "put both texts under one label")
        self._current = old or Draft(label=name, line=item.start, col=marker.first)
        if old is None:
            self.drafts.append(self._current)
        for child in item.children:
            first = content if child.start == item.start else None
            self._current.pieces.append(Piece(block=child, indent=marker.indent, first=first))

    def _loose(self, piece: Piece) -> None:
        block = piece.block
        draft = self._current
        if draft is None:
            draft = self._unlabelled(block.start, piece.indent)
        elif draft.named and self._apart(piece, draft):
            hint = f"indent it to keep it with {draft.label}, or put `---` before it"
            fate = f"is read as part of {draft.label}" if self._strict else "belongs to nothing"
            self._faults.warning("P205", self._span(block), f"text at the left edge behind {draft.label} {fate}", hint)
            if not self._strict:
                return
        draft.pieces.append(piece)

    def _apart(self, piece: Piece, draft: Draft) -> bool:
        """A paragraph at the left edge, behind a blank line and a field that is short by nature and has its text."""
        if piece.block.kind != "paragraph" or piece.indent > 1 or draft.label not in _SHORT:
            return False
        if not any(self._has_text(earlier) for earlier in draft.pieces):
            return False
        last = draft.pieces[-1]
        if last.block.kind == "paragraph" and last.first is None and last.indent <= 1:
            return False  # the author writes this field at the left edge, and was told so if that is doubtful
        parted = not self._source.lines[piece.block.start - 1].strip()
        return parted and not self._source.lines[piece.block.start].startswith(("|", "!["))

    def _has_text(self, piece: Piece) -> bool:
        block = piece.block
        return (
            piece.first is None or block.end - block.start > 1 or bool(self._source.lines[block.start][piece.first :])
        )

    def _unlabelled(self, line: int, col: int) -> Draft:
        """Raw lists give the answer without its label, right under the question: it is read as 标准答."""
        self._current = Draft(label=Label.ANSWER, line=line, col=col, named=False)
        self.drafts.append(self._current)
        if self._strict:
            self._faults.warning(
                "P206", self._source.span(line, col), "text without label is read as 标准答", "write `- 标准答：`"
            )
        return self._current

    def _discard(self, draft: Draft) -> None:
        self.drafts.remove(draft)
        end = max((piece.block.end for piece in draft.pieces), default=draft.line + 1)
        span = self._source.span(draft.line, draft.col, end)
        self._faults.warning("P203", span, "text before 标准答 belongs to nothing", "move it under a label")

    def _warn_mistaken(self, item: Block, marker: Marker) -> None:
        found = mistaken_label(self._source.lines[item.start], marker.first)
        if found:
            span = self._source.span(item.start, marker.first)
            self._faults.warning(
                "P209", span, f"`{found[0]}：` is no label and is read as text", f"did you mean `{found[1]}：`?"
            )

    def _warn_nested(self, item: Block, marker: Marker) -> None:
        for block in item.children:
            for child, inner in list_items(self._source, block, marker.first):
                if read_label(self._source.lines[child.start], inner.first):
                    span = self._source.span(child.start, inner.first)
                    text = "a label inside another field is read as text"
                    self._faults.warning("P207", span, text, "move its bullet to the left edge")

    def _span(self, block: Block) -> Span:
        return self._source.span(block.start, indent_of(self._source.lines[block.start]), block.end)


def list_items(source: Source, block: Block, start: int = 0) -> Iterator[tuple[Block, Marker]]:
    """The items of a list whose first marker stands at or behind column `start`; nothing for other blocks."""
    if block.kind in _LISTS:
        for item in block.children:
            yield item, marker_of(source, item.start, start if item.start == block.start else 0)


def fences_in(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every fence inside these blocks, however deep."""
    for block in blocks:
        if block.kind == "fence":
            yield block
        elif block.children:
            yield from fences_in(block.children)
