"""What of a card's frozen outcomes still speaks for it: the same keys and requirements as the tree has now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from build_deck.model.card import Card, Mutant
from build_deck.model.outcome import Level
from build_deck.run.freeze import Frozen, FrozenCell
from build_deck.run.ground import Ground
from build_deck.run.key import cell_keys, mutant_key
from build_deck.run.process import Process, mutated, processes
from build_deck.run.record import MutantRecord, Record

STUB = "stub"


def mutants(card: Card, process: Process) -> tuple[Mutant, ...]:
    """Mutants of the process's cells that can be applied; a stub has none."""
    return () if process.is_stub else tuple(each for each in card.mutants if mutated(process, each) is not None)


def verdict_name(mutant: Mutant) -> str:
    """Under which name the key of its verdict goes, beside those of cells and STUB."""
    return f"mutant:{mutant.name}"


def measured(process: Process, frozen: Frozen) -> dict[str, Any]:
    """What cells of other processes handed on with `report`, by cell."""
    own = {cell.id for cell in process.own}
    found = ((name, cell.record.result) for name, cell in frozen.cells.items() if name not in own)
    return {name: result for name, result in found if result is not None}


def record_keys(card: Card, process: Process, frozen: Frozen, ground: Ground) -> dict[str, str]:
    """The key of every cell of the process, and of its verdicts."""
    keys = cell_keys(process, ground, measured(process, frozen))
    if process.is_stub:
        return {**keys, STUB: keys[process.cells[-1].id]}
    return keys | {verdict_name(each): mutant_key(process, each, ground) for each in mutants(card, process)}


def is_fresh(cell: FrozenCell | None, key: str, requirements: str) -> bool:
    """Whether a frozen outcome still speaks for the cell. A GPU record is dated, not stale, in another environment."""
    if cell is None or cell.record.key != key:
        return False
    return cell.record.requirements == requirements or cell.record.level is Level.EXECUTED_GPU


def holds(verdict: MutantRecord | None, key: str, requirements: str) -> bool:
    """The same for the verdict on a mutant or a stub."""
    return verdict is not None and (verdict.key, verdict.requirements) == (key, requirements)


def verdict_on(mutant: Mutant, record: Record) -> MutantRecord | None:
    """What is recorded about the mutant, fresh or not."""
    return next((each for each in record.mutants if (each.of, each.name) == (mutant.of, mutant.name)), None)


def fresh_part(card: Card, frozen: Frozen, ground: Ground) -> Frozen:
    """Of what is frozen for `card`, that which holds in this tree."""
    cells: dict[str, FrozenCell] = {}
    verdicts: list[MutantRecord] = []
    stub = None
    for process in processes(card):
        requirements = ground.requirements.get(process.env, "")
        keys = record_keys(card, process, frozen, ground)
        if process.is_stub:
            stub = frozen.record.stub if holds(frozen.record.stub, keys[STUB], requirements) else None
            continue
        fresh = (cell.id for cell in process.own if is_fresh(frozen.cells.get(cell.id), keys[cell.id], requirements))
        cells |= {name: frozen.cells[name] for name in fresh}
        for mutant in mutants(card, process):
            verdict = verdict_on(mutant, frozen.record)
            verdicts += [verdict] if verdict and holds(verdict, keys[verdict_name(mutant)], requirements) else []
    record = Record(
        card=frozen.record.card, cells={name: cell.record for name, cell in cells.items()}, mutants=tuple(verdicts),
        stub=stub,
    )  # fmt: skip
    return Frozen(record=record, cells=cells)


def overlaid(card: Card, below: Frozen, above: Frozen) -> Frozen:
    """What is frozen in `below`, with all that `above` has in its place."""
    cells = {**below.cells, **above.cells}
    found = {(each.of, each.name): each for each in (*below.record.mutants, *above.record.mutants)}
    record = replace(
        below.record, cells={**below.record.cells, **above.record.cells}, stub=above.record.stub or below.record.stub,
        mutants=tuple(found[each.of, each.name] for each in card.mutants if (each.of, each.name) in found),
    )  # fmt: skip
    return Frozen(record=record, cells=cells)


def parts(frozen: Frozen) -> Iterator[str]:
    """The names of all that is frozen soundly: cells, verdicts, the stub."""
    yield from frozen.cells
    yield from (f"mutant:{each.name}" for each in frozen.record.mutants)
    yield from [STUB] if frozen.record.stub is not None else []
