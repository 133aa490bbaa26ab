"""Which cells of a card share a process, and the job that the engine is given for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from build_deck.cells.protocol import Job, Limits, Snippet
from build_deck.model.card import Card, Cell, Mutant, Role

TESTS = (Role.TESTS, Role.HIDDEN_TESTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """Cells that run in order in one namespace."""

    card: str
    name: str
    """The environment; `stub` for a kata's stub; the cell's id for a cell that runs alone."""
    env: str
    cells: tuple[Cell, ...]

    @property
    def is_stub(self) -> bool:
        """Whether this process must fail: the stub of a kata under the kata's tests."""
        return any(cell.role is Role.STUB for cell in self.cells)


def processes(card: Card) -> tuple[Process, ...]:
    """All processes of `card` in order; none for a card without an id, whose outcomes could not be kept."""
    if card.id is None:
        return ()
    cells = [cell for cell in card.cells if cell.role not in (Role.STATIC, Role.STUB)]
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.id if alone(cell) else cell.env, []).append(cell)
    found = [Process(card=card.id, name=name, env=group[0].env, cells=tuple(group)) for name, group in groups.items()]
    return (*found, *_stub(card, card.id))


def alone(cell: Cell) -> bool:
    """Whether the cell has a process of its own: it needs a GPU or is not Python."""
    return "cuda" in cell.needs or cell.language != "python"


def executable(process: Process) -> bool:
    """Whether this engine can run it on a machine without a GPU."""
    return all(cell.language == "python" and "cuda" not in cell.needs for cell in process.cells)


def job(process: Process, *, figures: bool = True, results: Mapping[str, Any] | None = None) -> Job:
    """What the engine is asked to do; without `figures` nothing is drawn, which is all that a mutant needs."""
    snippets = tuple(_snippet(cell, figures=figures) for cell in process.cells)
    return Job(process.card, snippets, Limits(), 0, dict(results or {}))


def mutated(process: Process, mutant: Mutant) -> Process | None:
    """The process with the mutant's fragment replaced; None when it does not occur exactly once in its cell."""
    target = next((cell for cell in process.cells if cell.id == mutant.of), None)
    if target is None or target.source.count(mutant.old) != 1:
        return None
    changed = replace(target, source=target.source.replace(mutant.old, mutant.new))
    return replace(process, cells=tuple(changed if cell is target else cell for cell in process.cells))


def _stub(card: Card, card_id: str) -> tuple[Process, ...]:
    stub = next((cell for cell in card.cells if cell.role is Role.STUB), None)
    if stub is None:
        return ()
    tests = tuple(cell for cell in card.cells if cell.role in TESTS)
    return (Process(card=card_id, name="stub", env=stub.env, cells=(stub, *tests)),)


def _snippet(cell: Cell, *, figures: bool) -> Snippet:
    return Snippet(
        id=cell.id, source=cell.source, path=cell.span.path, line=cell.span.line, timeout=cell.timeout,
        raises=cell.raises, draws=figures and cell.figure is not None, tests=cell.role in TESTS,
    )  # fmt: skip
