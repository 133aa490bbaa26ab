"""Short ways to build what `render` takes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from build_deck.cells.protocol import Toolchain
from build_deck.model.card import Card, Cell, CellPart, Diagram, Field, Label, Part, Prose, Role
from build_deck.model.note import Media, Picture
from build_deck.model.outcome import CardEvidence, CellEvidence, Level, MutantVerdict
from build_deck.model.span import Span
from build_deck.render import CardInputs, Place

HERE = Span("source/transformer/attention.md", 3)
CPU = Toolchain(python="3.11.2", machine="x86_64", torch="2.13.0+cpu", numpy="2.4.1")
GPU = Toolchain(
    python="3.11.2",
    machine="x86_64",
    torch="2.13.0",
    device="NVIDIA H100 80GB HBM3",
    driver="580.65",
    date="2026-11-23",
)
PLACE = Place(
    section_id="transformer", section_title="Transformer 与注意力", topic_title="注意力机制", section=2, topic=0, card=0
)


def prose(text: str, line: int = 3) -> Prose:
    origins = tuple((line + row, 1) for row in range(text.count("\n") + 1))
    return Prose(text=text, span=Span(HERE.path, line), origins=origins)


def cell(source: str, **changes: object) -> Cell:
    source = source.strip("\n") + "\n"
    defaults = {
        "id": "demo", "language": "python", "role": Role.CELL, "source": source, "span": HERE,
        "parts": (CellPart(part=Part.SHOW, source=source),),
    }  # fmt: skip
    return Cell(**(defaults | changes))  # type: ignore[arg-type]


def field(label: Label, *blocks: str | Cell | Diagram) -> Field:
    return Field(label=label, span=HERE, blocks=tuple(prose(b) if isinstance(b, str) else b for b in blocks))


def card(question: str, *fields: Field, **changes: object) -> Card:
    defaults = {
        "id": "demo-card", "number": 1, "question": prose(question), "span": HERE, "topic": "transformer/attention",
        "digest": hashlib.sha256(question.encode()).hexdigest(), "fields": fields,
    }  # fmt: skip
    return Card(**(defaults | changes))  # type: ignore[arg-type]


def outcome(cell_id: str, stdout: str = "", **changes: object) -> CellEvidence:
    defaults = {
        "cell": cell_id, "status": "ok", "stdout": stdout, "drawings": (), "level": Level.EXECUTED_CPU, "env": "core",
        "toolchain": CPU,
    }  # fmt: skip
    return CellEvidence(**(defaults | changes))  # type: ignore[arg-type]


def evidence(*outcomes: CellEvidence, mutants: tuple[MutantVerdict, ...] = ()) -> CardEvidence:
    cells = {each.cell: each for each in outcomes}
    digest = hashlib.sha256(repr((outcomes, mutants)).encode()).hexdigest()
    level = outcomes[0].level if outcomes else None
    return CardEvidence(card="demo-card", cells=cells, mutants=mutants, level=level, digest=digest)


def picture(stem: str, alt: str, light: bytes = b"<svg/>", dark: bytes = b"<svg />") -> Picture:
    return Picture(
        light=Media(name=f"{stem}-light.svg", data=light), dark=Media(name=f"{stem}-dark.svg", data=dark), alt=alt
    )


def inputs(of: Card, known: CardEvidence | None = None, **more: Mapping[str, object]) -> CardInputs:
    return CardInputs(card=of, place=PLACE, evidence=known, **more)  # type: ignore[arg-type]
