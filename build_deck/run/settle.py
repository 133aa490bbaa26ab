"""Compare what ran with what is frozen, and decide what is kept. Reads and writes no file: values in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from build_deck.cells.judge import Tolerance, Verdict, judge, judge_drawing
from build_deck.cells.protocol import Outcome
from build_deck.model.card import Card, Cell, Mutant
from build_deck.model.outcome import Level
from build_deck.model.problem import Problem
from build_deck.model.span import Span
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is to be frozen now, and what is wrong."""

    frozen: Frozen
    problems: tuple[Problem, ...]
    killed: int = 0
    """Of the mutants that ran, a kata's stub included."""


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
        kept, found = _keep(task.card, cell, frozen.cells.get(cell.id), new, policy)
        problems += found
        if kept is not None:
            cells[cell.id] = kept
    mutants, found = _mutants(task, report, requirements)
    record = Record(
        card=frozen.record.card,
        cells={name: cell.record for name, cell in cells.items() if name in _ids(task.card)},
        mutants=_merged(task.card, frozen.record.mutants, mutants),
        stub=frozen.record.stub,
    )
    kept_cells = {name: cell for name, cell in cells.items() if name in _ids(task.card)}
    killed = sum(each.killed for each in mutants)
    return Settled(frozen=Frozen(record=record, cells=kept_cells), problems=(*problems, *found), killed=killed)


def _ids(card: Card) -> set[str]:
    return {cell.id for cell in card.cells}


def _freeze(key: str, cell: Cell, outcome: Outcome, report: Report, requirements: str) -> FrozenCell:
    drawings = tuple((drawing.name, text_digest(drawing.svg)) for drawing in outcome.drawings)
    record = CellRecord(
        key=key, env=cell.env, requirements=requirements, level=level(cell, report.cells, report.toolchain),
        toolchain=report.toolchain, stdout=text_digest(outcome.stdout), drawings=drawings,
        exception=outcome.exception, error=outcome.error, tests=outcome.tests, result=outcome.result,
        seconds=round(outcome.seconds, 2), peak_mib=round(outcome.peak_mib),
    )  # fmt: skip
    return FrozenCell(record=record, stdout=outcome.stdout, drawings=outcome.drawings)


def _keep(
    card: Card, cell: Cell, old: FrozenCell | None, new: FrozenCell, policy: Policy
) -> tuple[FrozenCell | None, list[Problem]]:
    known = old is not None and old.record.key == new.record.key
    if old is None or not known:
        if policy.record_new or card.id in policy.accept:
            return new, []
        text = f"cell {cell.id} has no record of this code"
        return old, [Problem(code="R014", span=cell.span, text=text, hint="`run` records it")]
    verdict, level_holds = compare(cell, old, new), old.record.level in (new.record.level, Level.EXECUTED_GPU)
    if verdict.same and (level_holds or policy.record_new):
        return _dated(old, new), []
    if card.id in policy.accept:
        return new, []
    hint = f"if the new output is right: verify --accept {card.id}"
    text = f"cell {cell.id} prints something else than what is frozen, from the same code\n{verdict.diff}"
    if verdict.same:
        hint = "`run --all` records it again"
        text = f"cell {cell.id} is recorded as {old.record.level}, and is {new.record.level}"
    return old, [Problem(code="R003", span=cell.span, text=text, hint=hint)]


def _dated(old: FrozenCell, new: FrozenCell) -> FrozenCell:
    """The same verdict rewrites nothing but the environment that it was reached in, and how far it went."""
    same = (old.record.requirements, old.record.level) == (new.record.requirements, new.record.level)
    if same or old.record.level is Level.EXECUTED_GPU:  # what a GPU said is not said again by less
        return old
    now = replace(old.record, requirements=new.record.requirements, toolchain=new.record.toolchain)
    return replace(old, record=replace(now, level=new.record.level))


def compare(cell: Cell, old: FrozenCell, new: FrozenCell) -> Verdict:
    """Whether a second run of `cell` says what the first one did."""
    tolerance = Tolerance(cell.compare, cell.rtol, cell.atol)
    if old.record.exception != new.record.exception:
        return Verdict(False, f"ended with {new.record.exception or 'no exception'}, not {old.record.exception}")
    if [test.name for test in old.record.tests] != [test.name for test in new.record.tests]:
        return Verdict(False, "other tests ran")
    printed = judge(old.stdout, new.stdout, tolerance)
    if not printed.same:
        return printed
    names = [drawing.name for drawing in old.drawings]
    if names != [drawing.name for drawing in new.drawings]:
        return Verdict(False, f"drew {', '.join(drawing.name for drawing in new.drawings)}, not {', '.join(names)}")
    pairs = zip(old.drawings, new.drawings, strict=True)
    return next(
        (each for each in (judge_drawing(left.svg, right.svg, tolerance) for left, right in pairs) if not each.same),
        Verdict(True),
    )


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


def _merged(card: Card, old: Iterable[MutantRecord], new: list[MutantRecord]) -> tuple[MutantRecord, ...]:
    """One verdict per mutant of the card, the new one where there are two; in the card's order."""
    found: Mapping[tuple[str, str], MutantRecord] = {(each.of, each.name): each for each in (*old, *new)}
    return tuple(found[each.of, each.name] for each in card.mutants if (each.of, each.name) in found)


def _failed(cell: Cell, outcome: Outcome) -> Problem:
    line = cell.span.line
    for path, number in re.findall(r'File "([^"]+)", line (\d+)', outcome.error):
        if path == cell.span.path:
            line = int(number)
    what = "" if outcome.status == "failed" else f" ({outcome.status})"
    told = "\n".join(part.rstrip() for part in (outcome.error, outcome.stderr[-1000:]) if part.strip())
    return Problem(code="R001", span=Span(cell.span.path, line), text=f"cell {cell.id} failed{what}\n{told}")
