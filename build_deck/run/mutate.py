"""Mutants of our own making, to find asserts that are missing: one slip each, in code that asserts speak for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from build_deck.model.card import Cell, Role
from build_deck.run.edits import Edit, applied, edits
from build_deck.run.kernel_edits import kernel_edits
from build_deck.run.process import TESTS, Process
from build_deck.run.slicing import claimed_lines
from build_deck.run.verdict import asserts

MUTABLE = ("python", "cuda")
"""Languages in which slips are made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One mutant: the cell, the line in it from 1, what kind of slip, and the process with it made."""

    cell: str
    line: int
    kind: str
    before: str
    after: str
    """The line as the author wrote it, and as it is now."""
    process: Process


def slips(process: Process) -> tuple[Slip, ...]:
    """Every mutant of a process, in the order of its lines: those on lines that an assert or a test depends on, and of
    kernels all, where anything is asserted.
    """
    python = [cell for cell in process.own if cell.language == "python"]
    claimed = claimed_lines((cell.id, cell.source) for cell in python)
    claims = any(asserts(cell) for cell in process.own)
    return tuple(
        _slip(process, cell, edit)
        for cell in process.own
        if cell.role not in TESTS and cell.role is not Role.STUB
        for edit in _edits(cell)
        if ((cell.id, edit.start[0]) in claimed if cell.language == "python" else claims)
    )


def _edits(cell: Cell) -> Iterator[Edit]:
    if cell.language in MUTABLE:
        yield from edits(cell.source) if cell.language == "python" else kernel_edits(cell.source)


def some(found: Sequence[Slip], limit: int) -> tuple[Slip, ...]:
    """At most `limit` of them, spread evenly; always the same ones."""
    step = max(1.0, len(found) / max(1, limit))
    return tuple(found[int(at * step)] for at in range(min(limit, len(found))))


def _slip(process: Process, cell: Cell, edit: Edit) -> Slip:
    source = applied(cell.source, edit)
    changed = tuple(replace(each, source=source) if each is cell else each for each in process.cells)
    line = edit.start[0]
    before, after = (text.split("\n")[line - 1].strip() for text in (cell.source, source))
    wrong = replace(process, cells=changed)
    return Slip(cell=cell.id, line=line, kind=edit.kind, before=before, after=after, process=wrong)
