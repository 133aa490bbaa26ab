"""The question line: number, text, identity and attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from build_deck.model.card import Card, Field, Kind, Mutant, Prose, Waiver
from build_deck.model.span import Span
from build_deck.parse import values
from build_deck.parse.attributes import Line, Reader, read_attributes
from build_deck.parse.faults import Faults
from build_deck.parse.items import Items
from build_deck.parse.numbering import read_lonely, read_number
from build_deck.parse.prose import Row, to_prose
from build_deck.parse.source import Source

_KEYS = ("id", "depth", "kind", "core", "minutes", "related", "asof", "was", "retired", "use", "waive")
_WAIVER = re.compile(r"\s*([A-Z]\d{3})\s*[:：]\s*(\S.*?)\s*$", re.DOTALL)
_ID_FORM = "an id: lower-case ASCII words joined by `-`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What one question line says."""

    number: int
    question: Prose
    id: str | None
    kind: Kind
    reader: Reader
    tail: Row | None
    """Text behind a bold question on the same line."""


def read_head(source: Source, number: int, faults: Faults) -> Head:
    """Read the question on line `number` (from 0), which `markdown` has found to be one."""
    text = source.lines[number]
    found = read_number(text)
    if found is None:
        number, text, found = number + 1, source.lines[number + 1], read_lonely(text, source.lines[number + 1])
    assert found is not None, "the block rule accepts numbered lines only"
    line = Line(text=text, path=source.path, number=number + 1)
    attributes = read_attributes(line, faults, found.start)
    stop = attributes.col if attributes.col >= 0 else len(text)
    whole = Row(text=text, line=number, col=0)
    question = to_prose([whole.cut(found.start, min(found.end, stop))], source.path)
    if question is None:
        faults.error(
            "P208", source.span(number, found.start), "a question without text", "write the question before `{`"
        )
        place = source.span(number, found.start)
        question = Prose(text="", span=place, origins=((place.line, place.col),))
    tail = whole.cut(found.rest, stop) if found.rest < stop else None
    reader = Reader(attributes=attributes, line=line, faults=faults)
    return Head(
        number=found.number,
        question=question,
        id=reader.read("id", values.name, _ID_FORM),
        kind=reader.read("kind", values.kind, "one of " + ", ".join(Kind)) or Kind.CONCEPT,
        reader=reader,
        tail=tail if tail and tail.text else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What stands under a question line, and where in the deck."""

    topic: str
    group: str | None
    span: Span
    digest: str
    fields: tuple[Field, ...]
    items: Items
    mutants: tuple[Mutant, ...]


def make_card(head: Head, body: Body) -> Card:
    """The card: its question line's attributes and what stands under it."""
    reader = head.reader
    reader.known(_KEYS)
    return Card(
        id=head.id,
        number=head.number,
        question=head.question,
        span=body.span,
        topic=body.topic,
        digest=body.digest,
        group=body.group,
        depth=reader.read("depth", values.depth, "1, 2 or 3") or 2,
        kind=head.kind,
        core=reader.read("core", values.boolean, "core=true or core=false") or False,
        minutes=reader.read("minutes", values.minutes, "a whole number of minutes"),
        related=reader.read("related", values.names, "ids separated by commas") or (),
        asof=reader.read("asof", values.date, "a month such as 2026-11"),
        was=reader.read("was", values.name, _ID_FORM),
        retired=reader.read("retired", values.version, "the release, such as 1.2"),
        use=reader.read("use", values.name, _ID_FORM),
        fields=body.fields,
        follow_ups=tuple(body.items.follow_ups),
        pitfalls=tuple(body.items.pitfalls),
        ask_backs=tuple(body.items.ask_backs),
        references=tuple(body.items.references),
        mutants=body.mutants,
        waivers=reader.read("waive", _waivers, 'waive="CODE: reason; CODE: reason"') or (),
        attributes=tuple((entry.name, reader.line.span(entry.col)) for entry in reader.attributes.entries),
    )


def _waivers(text: str) -> tuple[Waiver, ...] | None:
    found: dict[str, Waiver] = {}
    for entry in re.split(r"[;；](?=\s*[A-Z]\d{3}\s*[:：])", text):
        match = _WAIVER.match(entry.rstrip(" ;；"))
        if match is None or match[1] in found:
            return None
        found[match[1]] = Waiver(code=match[1], reason=match[2])
    return tuple(found.values())
