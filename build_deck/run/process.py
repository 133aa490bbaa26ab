"""Which cells of a card share a process, and the job that the engine is given for it.

Cells of one environment share one, cuda cells with the Python cells that launch their kernels: a kernel is asserted
against torch where both are at hand. A Python cell that needs more than every machine has (`needs=cuda`, `needs=nvcc`)
runs apart, with the kernels before it lent to its process. Bash cells share it too: a server is asked by the Python
cells after it, over the loopback that only they can reach.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from build_deck.cells.protocol import Job, Limits, Snippet
from build_deck.model.card import Card, Cell, Mutant, Role

TESTS = (Role.TESTS, Role.HIDDEN_TESTS)
LANGUAGES = ("python", "cuda", "bash")
RARE = ("cuda", "nvcc")
"""What a cell may need that not every machine has."""
CROWDED: Mapping[str, Limits] = {"vllm": Limits(processes=128, memory=6 << 30)}
"""Environments whose programs need more than a cell may have: vLLM's server is two processes of about 70 threads, and
threads count; each has loaded torch for itself.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a process is given besides its cells."""

    results: Mapping[str, Any] = field(default_factory=dict)
    """What other cells of the card measured, by cell."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Declared inputs: base64 by path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """Cells that run in order in one namespace."""

    card: str
    name: str
    """The environment; `stub` for a kata's stub; the cell's id for a cell that runs alone."""
    env: str
    cells: tuple[Cell, ...]
    lent: frozenset[str] = frozenset()
    """Those whose own outcome belongs to another process: cuda cells that this one builds too."""

    @property
    def own(self) -> tuple[Cell, ...]:
        """The cells whose outcomes come from this process."""
        return tuple(cell for cell in self.cells if cell.id not in self.lent)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The files that its cells declare; each once, sorted."""
        return tuple(sorted({name for cell in self.cells for name in cell.inputs}))

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
    return (*(_process(card.id, name, group, cells) for name, group in groups.items()), *_stub(card, card.id))


def _process(card: str, name: str, group: list[Cell], cells: list[Cell]) -> Process:
    first = group[0]
    lent: list[Cell] = []
    if alone(first) and first.language == "python":
        before = cells[: cells.index(first)]
        lent = [cell for cell in before if cell.language == "cuda" and cell.env == first.env]
    return Process(card=card, name=name, env=first.env, cells=(*lent, *group), lent=frozenset(cell.id for cell in lent))


def alone(cell: Cell) -> bool:
    """Whether the cell has a process of its own: it needs what is rare, or is in a language that nothing here runs."""
    return bool(set(RARE) & set(cell.needs)) or cell.language not in LANGUAGES


def executable(process: Process) -> bool:
    """Whether it can run on this machine, for which no GPU is reckoned with."""
    needs = {need for cell in process.cells for need in cell.needs}
    known = all(cell.language in LANGUAGES for cell in process.cells)
    return known and "cuda" not in needs and ("nvcc" not in needs or shutil.which("nvcc") is not None)


def job(process: Process, given: Given | None = None, *, figures: bool = True) -> Job:
    """What the engine is asked to do; without `figures` nothing is drawn, which is all that a mutant needs."""
    given = given or Given()
    snippets = tuple(_snippet(cell, figures=figures) for cell in process.cells)
    limits = CROWDED.get(process.env, Limits())
    return Job(process.card, snippets, limits, dict(given.results), dict(given.files))


def mutated(process: Process, mutant: Mutant) -> Process | None:
    """The process with the mutant's fragment replaced; None when it does not occur exactly once in its cell."""
    target = next((cell for cell in process.own if cell.id == mutant.of), None)
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
        raises=cell.raises, draws=figures and cell.figure is not None, tests=cell.role in TESTS, language=cell.language,
        ready=cell.ready or "",
    )  # fmt: skip
