"""Drafts of fields → `Field` records: prose, cells and diagrams in order; items of the four list fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from build_deck.model.card import Cell, Diagram, Field, Prose
from build_deck.parse.fences import Fences, is_cell
from build_deck.parse.items import ITEM_LABELS, Items
from build_deck.parse.markdown import Block
from build_deck.parse.outline import Draft, Marker, Piece, list_items
from build_deck.parse.prose import Row, rows_of, to_prose
from build_deck.parse.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Reads the fields of one card; fences and items are shared by all of them."""

    source: Source
    fences: Fences
    items: Items

    def read(self, draft: Draft) -> Field:
        """One field."""
        blocks = self._items(draft) if draft.label in ITEM_LABELS else self._prose(draft)
        return Field(label=draft.label, span=self.source.span(draft.line, draft.col), blocks=tuple(blocks))

    def _prose(self, draft: Draft) -> list[Prose | Cell | Diagram]:
        found: list[Prose | Cell | Diagram] = []
        rows: list[Row] = [draft.lead] if draft.lead else []
        indent = None
        for piece in draft.pieces:
            if is_cell(piece.block):
                self._flush(rows, found)
                rows, indent = [], None
                found.extend(self._cell(piece.block))
                continue
            rows += self._gap(rows, piece, same=indent in (None, piece.indent))
            rows += rows_of(self.source, piece.block.start, piece.block.end, piece.indent, piece.first)
            indent = piece.indent
        self._flush(rows, found)
        return found

    def _gap(self, rows: Sequence[Row], piece: Piece, same: bool) -> list[Row]:
        """The blank lines before a piece; one is made where text of another indentation follows without any."""
        if not rows:
            return []
        between = range(rows[-1].line + 1, piece.block.start)
        if not between and not same:
            return [Row(text="", line=piece.block.start, col=0)]
        return [Row(text="", line=number, col=0) for number in between]

    def _flush(self, rows: list[Row], found: list[Prose | Cell | Diagram]) -> None:
        prose = to_prose(rows, self.source.path)
        if prose:
            found.append(prose)

    def _items(self, draft: Draft) -> list[Cell | Diagram]:
        found: list[Cell | Diagram] = []
        rows: list[Row] = []
        for piece in draft.pieces:
            items = self._bullets(piece)
            if items or is_cell(piece.block):
                self.items.add(draft.label, rows)
                rows = []
            for item, marker in items:
                self.items.add(draft.label, rows_of(self.source, item.start, item.end, marker.indent, marker.first))
            if is_cell(piece.block):
                found += self._cell(piece.block)
            elif not items:
                rows += self._gap(rows, piece, same=True)
                rows += rows_of(self.source, piece.block.start, piece.block.end, piece.indent, piece.first)
        self.items.add(draft.label, rows)
        return found

    def _bullets(self, piece: Piece) -> list[tuple[Block, Marker]]:
        if piece.marker:
            return [(piece.block, piece.marker)]
        return list(list_items(self.source, piece.block))

    def _cell(self, block: Block) -> list[Cell | Diagram]:
        cell = self.fences.read(block)
        return [cell] if cell else []


def cells_of(fields: Sequence[Field]) -> tuple[Cell, ...]:
    """Every code fence of these fields in source order."""
    return tuple(block for item in fields for block in item.blocks if isinstance(block, Cell))
