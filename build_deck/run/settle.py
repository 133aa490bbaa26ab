"""Compare what ran with what is frozen, and decide what is kept. Reads and writes no file: values in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from build_deck.cells.protocol import Outcome, Toolchain
from build_deck.model.card import Cell, Mutant
from build_deck.model.outcome import Level
from build_deck.model.problem import Problem
from build_deck.model.span import Span
from build_deck.run.drift import compare, level_holds, restored
from build_deck.run.freeze import Frozen, FrozenCell
from build_deck.run.order import Report
from build_deck.run.plan import Task
from build_deck.run.record import CellRecord, MutantRecord, Record, text_digest
from build_deck.run.verdict import Fate, fate, level, stub_fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be written."""

    record_new: bool = True
    """Outcomes of new and changed cells are kept (`run`); otherwise their absence is a fault (`verify`)."""
    accept: frozenset[str] = frozenset()
    """Cards whose drifted outputs replace the frozen ones."""
    renew: bool = False
    """A toolchain that lacks what is recorded of one today gives way to that of a run which comes out the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is to be frozen now, and what is wrong."""

    frozen: Frozen
    problems: tuple[Problem, ...]
    killed: int = 0
    """Of the mutants that ran; of a kata's stub, whether it failed as it must."""


def settle(task: Task, report: Report, frozen: Frozen, requirements: str, policy: Policy) -> Settled:
    """The new frozen state of the card after one of its tasks ran."""
    if task.process.is_stub:
        return _settle_stub(task, report, frozen, requirements)
    cells, problems = dict(frozen.cells), list[Problem]()
    sources = {cell.id: cell for cell in task.process.cells}
    for outcome in report.cells:
        cell = sources[outcome.cell]
        if outcome.status != "ok":
            problems.append(_failed(cell, outcome))
            break
        if cell.id in task.process.lent:
            continue
        new = _freeze(task.keys[cell.id], cell, outcome, report, requirements)
        kept, found = _keep(cell, frozen, new, policy)
        problems += found
        if kept is not None:
            cells[cell.id] = kept
    verdicts, found = _mutants(task, report, requirements)
    ids = {cell.id for cell in task.card.cells}
    cells = {name: cell for name, cell in cells.items() if name in ids}
    # an entry whose texts are damaged stays: without it the next run would take whatever comes out
    entries = {name: entry for name, entry in frozen.record.cells.items() if name in ids}
    record = Record(
        card=frozen.record.card,
        cells=entries | {name: cell.record for name, cell in cells.items()},
        mutants=_merged(task, frozen.record.mutants, report, verdicts),
        stub=frozen.record.stub,
    )
    killed = sum(each.killed for each in verdicts)
    return Settled(frozen=Frozen(record=record, cells=cells), problems=(*problems, *found), killed=killed)


def _freeze(key: str, cell: Cell, outcome: Outcome, report: Report, requirements: str) -> FrozenCell:
    drawings = tuple((drawing.name, text_digest(drawing.svg)) for drawing in outcome.drawings)
    record = CellRecord(
        key=key, env=cell.env, requirements=requirements, level=level(cell, report.cells, report.toolchain),
        toolchain=report.toolchain, stdout=text_digest(outcome.stdout), drawings=drawings,
        exception=outcome.exception, error=outcome.error, tests=outcome.tests, result=outcome.result,
        seconds=round(outcome.seconds, 2), peak_mib=round(outcome.peak_mib),
    )  # fmt: skip
    return FrozenCell(record=record, stdout=outcome.stdout, drawings=outcome.drawings)


def _keep(cell: Cell, frozen: Frozen, new: FrozenCell, policy: Policy) -> tuple[FrozenCell | None, list[Problem]]:
    entry, old = frozen.record.cells.get(cell.id), frozen.cells.get(cell.id)
    accepted = frozen.record.card in policy.accept
    if entry is None or entry.key != new.record.key:
        if policy.record_new or accepted:
            return new, []
        text = f"cell {cell.id} has no record of this code"
        return old, [Problem(code="R014", span=cell.span, text=text, hint="`run` records it")]
    known = old or restored(entry, new)
    if accepted and (known is None or not compare(cell, known, new).same):
        return new, []
    if known is None or (old is None and not (policy.record_new or accepted)):
        return None, [_damaged(cell, frozen.record.card, same=known is not None)]
    verdict, holds = compare(cell, known, new), level_holds(cell, known.record, new.record)
    if verdict.same and (holds or policy.record_new or accepted):
        return _dated(known, new, holds=holds, renew=policy.renew), []
    hint = f"if the new output is right: {_accept(frozen.record.card)}"
    text = f"cell {cell.id} says something else than what is frozen, from the same code\n{verdict.diff}"
    if verdict.same:
        hint = "`run --all` records it again"
        text = f"cell {cell.id} is recorded as {known.record.level}, and is {new.record.level}"
    return known, [Problem(code="R003", span=cell.span, text=text, hint=hint)]


def _damaged(cell: Cell, card: str, *, same: bool) -> Problem:
    if same:
        text = f"the frozen files of cell {cell.id} are damaged"
        return Problem(code="R014", span=cell.span, text=text, hint="`run` restores them")
    text = f"cell {cell.id} says something else than what its record vouches for; the frozen files are damaged"
    hint = f"restore them from git, or, if the new output is right: {_accept(card)}"
    return Problem(code="R003", span=cell.span, text=text, hint=hint)


def _accept(card: str) -> str:
    return f"`verify --accept {card}` runs this card again and keeps what comes out"


def _dated(old: FrozenCell, new: FrozenCell, *, holds: bool, renew: bool) -> FrozenCell:
    """The same verdict rewrites nothing but the environment that it was reached in, and a level that does not hold."""
    same = (old.record.requirements, old.record.level) == (new.record.requirements, new.record.level)
    renewed = renew and _knows_more(new.record.toolchain, old.record.toolchain)
    if (same and not renewed) or (holds and old.record.level is Level.EXECUTED_GPU):
        return old
    now = replace(old.record, requirements=new.record.requirements, toolchain=new.record.toolchain)
    return replace(old, record=replace(now, level=new.record.level))


def _knows_more(new: Toolchain, old: Toolchain) -> bool:
    names = (each.name for each in fields(Toolchain))
    return any(getattr(new, name) and not getattr(old, name) for name in names)


def _settle_stub(task: Task, report: Report, frozen: Frozen, requirements: str) -> Settled:
    stub, end = task.process.cells[0], stub_fate(report.cells)
    if not end.killed:
        problem = _stub_problem(stub, end)
        return Settled(frozen=replace(frozen, record=replace(frozen.record, stub=None)), problems=(problem,))
    verdict = MutantRecord(
        key=task.keys["stub"], requirements=requirements, name="stub", of=stub.id, killed=True, by=end.by
    )
    return Settled(frozen=replace(frozen, record=replace(frozen.record, stub=verdict)), problems=(), killed=1)


def _stub_problem(stub: Cell, end: Fate) -> Problem:
    if end.broken:
        return Problem(code="R008", span=stub.span, text=f"the stub itself does not run: {end.by}")
    hint = "the tests prove nothing as long as they pass without a solution"
    return Problem(code="R008", span=stub.span, text=f"the stub {end.by}", hint=hint)


def _mutants(task: Task, report: Report, requirements: str) -> tuple[list[MutantRecord], list[Problem]]:
    verdicts, problems = list[MutantRecord](), list[Problem]()
    by_name = {each.name: each for each in task.mutants}
    for name, outcomes in report.mutants:
        mutant = by_name[name]
        end = fate(mutant.of, outcomes)
        key = task.keys[f"mutant:{name}"]
        if end.killed:
            verdicts.append(
                MutantRecord(key=key, requirements=requirements, name=name, of=mutant.of, killed=True, by=end.by)
            )
        else:
            problems.append(_survived(mutant, end))
    return verdicts, problems


def _survived(mutant: Mutant, end: Fate) -> Problem:
    if end.broken:
        hint = "a mutant must be killed by an assert or a test; this one does not get that far"
        return Problem(code="R006", span=mutant.span, text=f"mutant “{mutant.name}” is broken: {end.by}", hint=hint)
    hint = f"{mutant.of} or a later cell needs an assert that notices it"
    return Problem(code="R005", span=mutant.span, text=f"mutant “{mutant.name}” survives", hint=hint)


def _merged(
    task: Task, old: Iterable[MutantRecord], report: Report, verdicts: Iterable[MutantRecord]
) -> tuple[MutantRecord, ...]:
    """One verdict per mutant of the card, in its order; one that was killed before and now is not has none."""
    tried = {name for name, _ in report.mutants}
    again = {(each.of, each.name) for each in task.mutants if each.name in tried}
    found = {(each.of, each.name): each for each in old if (each.of, each.name) not in again}
    found |= {(each.of, each.name): each for each in verdicts}
    return tuple(found[each.of, each.name] for each in task.card.mutants if (each.of, each.name) in found)


def _failed(cell: Cell, outcome: Outcome) -> Problem:
    line = cell.span.line
    for path, number in re.findall(r'File "([^"]+)", line (\d+)', outcome.error):
        if path == cell.span.path:
            line = int(number)
    what = "" if outcome.status == "failed" else f" ({outcome.status})"
    told = "\n".join(part.rstrip() for part in (outcome.error, outcome.stderr[-1000:]) if part.strip())
    return Problem(code="R001", span=Span(cell.span.path, line), text=f"cell {cell.id} failed{what}\n{told}")
