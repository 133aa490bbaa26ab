"""追问, 反问点, 坑位 and 参考: fields that are lists of items rather than running text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from build_deck.model.card import FollowUp, Label, Pitfall, Prose
from build_deck.model.span import Span
from build_deck.parse import values
from build_deck.parse.attributes import Attributes, Line, Reader, read_attributes
from build_deck.parse.faults import Faults
from build_deck.parse.prose import Row, to_prose

ITEM_LABELS = frozenset({Label.FOLLOW_UPS, Label.ASK_BACK, Label.PITFALLS, Label.REFERENCES})


def _marks(head: str, tail: str) -> re.Pattern[str]:
    """`head：` at the start of a line; `tail：` there, behind a space or the end of a sentence. Either may be bold."""
    bullet = r"^[ \t]*(?:[-*+][ \t]+)?\*{0,2}"
    inside = r"(?<=[\s。？！；?!;”」』）)`$.])\*{0,2}"
    return re.compile(rf"(?:{bullet}({head})|(?:{bullet}|{inside})({tail}))\*{{0,2}}[ \t]*[：:]\*{{0,2}}[ \t]*")


_ASKED = _marks("问", "答")
_CLAIMED = _marks("错", "对")
_ID_FORM = "an id: lower-case ASCII words joined by `-`"
_BETWEEN_REFERENCES = re.compile(r"(?:\s|(?<=[）】》”’」』]))·(?=\s)")


@dataclass(slots=True, kw_only=True)
class Pair:
    """One 问 with its 答, or one 错 with its 对."""

    start: Row
    head: list[Row] | None = None
    tail: list[Row] | None = None

    def extend(self, row: Row) -> None:
        """Put a row where reading is."""
        into = self.tail if self.tail is not None else self.head
        if into is not None and (row.text or into):
            into.append(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The items of one card, filled field by field while it is read."""

    path: str
    faults: Faults
    follow_ups: list[FollowUp] = field(default_factory=list)
    pitfalls: list[Pitfall] = field(default_factory=list)
    ask_backs: list[Prose] = field(default_factory=list)
    references: list[Prose] = field(default_factory=list)

    def add(self, label: Label, rows: list[Row]) -> None:
        """Read the rows of one bullet, or of the text behind the label, as items of the field."""
        if label is Label.FOLLOW_UPS:
            self._add_follow_ups(rows)
        elif label is Label.PITFALLS:
            self._add_pitfalls(rows)
        else:
            into = self.references if label is Label.REFERENCES else self.ask_backs
            parts = _split_references(rows) if label is Label.REFERENCES else [rows]
            into.extend(prose for part in parts if (prose := to_prose(part, self.path)))

    def _add_follow_ups(self, rows: list[Row]) -> None:
        for pair in split_pairs(rows, _ASKED):
            attributes, line = _take_attributes(pair, self)
            head, tail = to_prose(pair.head or [], self.path), to_prose(pair.tail or [], self.path)
            last = self.follow_ups[-1] if self.follow_ups else None
            if head is None and tail and last and last.answer is None:
                self.follow_ups[-1] = self._identified(replace(last, answer=tail), attributes, line)
            elif head or tail:
                question = head or tail
                assert question is not None
                span = _over(question, tail or question)
                item = FollowUp(question=question, answer=tail if head else None, span=span)
                self.follow_ups.append(self._identified(item, attributes, line))

    def _identified(self, item: FollowUp, attributes: Attributes, line: Line) -> FollowUp:
        if not attributes.entries:
            return item
        reader = Reader(attributes=attributes, line=line, faults=self.faults)
        reader.known(("id", "was", "depth"))
        own = attributes.get("id")
        return replace(
            item,
            id=reader.read("id", values.name, _ID_FORM) or item.id,
            id_span=line.span(own.col) if own else item.id_span,
            was=reader.read("was", values.name, _ID_FORM) or item.was,
            depth=reader.read("depth", values.depth, "1, 2 or 3") or item.depth,
        )

    def _add_pitfalls(self, rows: list[Row]) -> None:
        for pair in split_pairs(rows, _CLAIMED):
            head, tail = to_prose(pair.head or [], self.path), to_prose(pair.tail or [], self.path)
            text = tail or head
            if text is None:
                continue
            span = _over(head or text, text)
            if head and tail is None and pair.start.text.lstrip("-+* \t").startswith("错"):
                self.faults.error("P212", span, "`错：` without `对：`", "say what is true: `错：… 对：…`")
            self.pitfalls.append(Pitfall(wrong=head if tail else None, right=text, span=span))


def _over(first: Prose, last: Prose) -> Span:
    return Span(first.span.path, first.span.line, first.span.col, last.span.end_line)


def split_pairs(rows: list[Row], marks: re.Pattern[str]) -> list[Pair]:
    """Part rows at their marks; text before the first mark is the head of a pair of its own."""
    pairs: list[Pair] = []
    for row, marked in _outside_fences(rows):
        position = 0
        for match in marks.finditer(row.text) if marked else ():
            if match[2] and pairs and (pairs[-1].tail is not None or pairs[-1].head is None):
                continue
            if position < match.start():
                _open(pairs, row).extend(row.cut(position, match.start()))
            if match[1] or not pairs:
                pairs.append(Pair(start=row.cut(match.start())))
            if match[1]:
                pairs[-1].head = []
            else:
                pairs[-1].tail = []
            position = match.end()
        if row.text.strip() or pairs:
            _open(pairs, row).extend(row if position == 0 else row.cut(position))
    return pairs


def _open(pairs: list[Pair], row: Row) -> Pair:
    if not pairs:
        pairs.append(Pair(start=row, head=[]))
    return pairs[-1]


def _outside_fences(rows: list[Row]) -> Iterator[tuple[Row, bool]]:
    """Each row and whether marks count there: a prompt quoted in a fence may hold 问 and 答 of its own."""
    inside = ""
    for row in rows:
        text = row.text.lstrip()
        fence = next((mark for mark in ("```", "~~~") if text.startswith(mark)), "")
        yield row, not inside and not fence
        if fence and inside in ("", fence):
            inside = "" if inside else fence


def _take_attributes(pair: Pair, items: Items) -> tuple[Attributes, Line]:
    """The `{#id}` at the end of the answer or of the question, removed from the rows."""
    line = Line(text="", path=items.path, number=pair.start.line + 1)
    for rows in (pair.tail, pair.head):
        while rows and not rows[-1].text.strip():
            rows.pop()
        if not rows:
            continue
        row = rows[-1]
        line = Line(text=row.text, path=items.path, number=row.line + 1, shift=row.col)
        attributes = read_attributes(line, items.faults)
        if attributes.entries:
            rows[-1] = row.cut(0, attributes.col)
            return attributes, line
    return Attributes(), line


def _split_references(rows: list[Row]) -> list[list[Row]]:
    """Several references on one line are separated by ` · `, or `· ` behind a mark that closes."""
    parts: list[list[Row]] = [[]]
    for row in rows:
        position = 0
        for match in _BETWEEN_REFERENCES.finditer(row.text):
            parts[-1].append(row.cut(position, match.start()))
            parts.append([])
            position = match.end()
        parts[-1].append(row if position == 0 else row.cut(position))
    return parts
