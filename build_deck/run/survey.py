"""Try our own mutants on every process and list the survivors: a work list for authors, not a verdict."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from build_deck.cells.judge import Tolerance, judge
from build_deck.cells.protocol import Outcome
from build_deck.model.event import Progress
from build_deck.model.span import Span
from build_deck.run.execute import Options, reports
from build_deck.run.freeze import Frozen, read
from build_deck.run.ground import Ground
from build_deck.run.mutate import MUTABLE, Slip, slips, some
from build_deck.run.order import Order
from build_deck.run.plan import Plan, Task, lacking, seconds
from build_deck.run.process import Given, job
from build_deck.run.schedule import EnginePool
from build_deck.run.verdict import fate

BUDGET = 60.0
"""Seconds of a card's own computing that its mutants may take."""
FEWEST = 4
"""Slips of a process that are tried however long that takes."""
QUICKEST = 0.05
"""Seconds that a mutant takes at least, whatever its cells do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A slip that no assert noticed. `visible` ones change what the card prints, so they matter most."""

    span: Span
    kind: str
    before: str
    after: str
    visible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What became of the mutants of one process; `crashed` ones ended in another exception than an assertion."""

    card: str
    possible: int
    """Slips that could be made; not all are tried where that takes long."""
    tried: int
    killed: int
    crashed: int
    survivors: tuple[Survivor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsurveyed:
    """A process, or one cell of it, of which no mutants were made."""

    card: str
    process: str
    cell: str = ""
    why: str
    """In words."""


def unsurveyed(plan: Plan, ground: Ground, fallen: Container[tuple[str, str]] = ()) -> Iterator[Unsurveyed]:
    """What `survey` leaves out: processes without a record that holds, those in `fallen`, and cells in a language in
    which no slips are made.
    """
    for task in plan.tasks:
        process, why = task.process, _obstacle(task, fallen)
        if process.is_stub:
            continue
        if why:
            yield Unsurveyed(card=process.card, process=process.name, why=why)
            continue
        for cell in process.own:
            if cell.language not in MUTABLE:
                why = f"no slips are made in {cell.language}"
                yield Unsurveyed(card=process.card, process=process.name, cell=cell.id, why=why)
    for task in plan.believed:
        process = task.process
        why = f"not executed here: {lacking(process, ground)}"
        yield Unsurveyed(card=process.card, process=process.name, why=why)


def _obstacle(task: Task, fallen: Container[tuple[str, str]]) -> str:
    """Why the outcome of a mutant would be compared with nothing that holds; empty when it would not."""
    if task.why:
        return f"no record of this code: {task.why}"
    drifted = (task.process.card, task.process.name) in fallen
    return "it says something else than what is frozen" if drifted else ""


def survey(
    plan: Plan, ground: Ground, options: Options | None = None, *, fallen: Container[tuple[str, str]] = (),
    every: bool = False,
) -> Iterator[Progress | Survey]:  # fmt: skip
    """Mutate every task of `plan` that holds, and say what survives; with `every`, whatever it costs.

    Not those that are `fallen`, by card and process: they ran, and did not come out as they are frozen. Raises
    EngineError.
    """
    options = options or Options()
    tasks = [task for task in plan.tasks if not _obstacle(task, fallen) and not task.process.is_stub]
    possible = [slips(task.process) for task in tasks]
    chosen = possible if every else _affordable(tasks, possible, ground)
    orders = [_order(task, made, ground) for task, made in zip(tasks, chosen, strict=True)]
    yield Progress(stage="mutate", done=0, total=len(tasks))
    with contextlib.nullcontext(options.pool) if options.pool else EnginePool() as pool:
        for done, (at, report) in enumerate(reports(orders, pool, options), 1):
            ended = [outcomes for _, outcomes in report.mutants]
            found = _judged(tasks[at], chosen[at], ended, read(tasks[at].process.card, ground))
            yield replace(found, possible=len(possible[at]))
            yield Progress(stage="mutate", done=done, total=len(tasks), item=tasks[at].process.card)


def _affordable(tasks: Sequence[Task], found: Sequence[tuple[Slip, ...]], ground: Ground) -> list[tuple[Slip, ...]]:
    """The same share of the slips of all processes of a card, as large as its budget lets it be."""
    costs = [max(QUICKEST, seconds(task.process, read(task.process.card, ground))) for task in tasks]
    whole: dict[str, float] = {}
    for task, made, cost in zip(tasks, found, costs, strict=True):
        whole[task.process.card] = whole.get(task.process.card, 0.0) + len(made) * cost
    needed = (max(BUDGET, whole[task.process.card]) for task in tasks)
    return [some(made, max(FEWEST, int(len(made) * BUDGET / total))) for made, total in zip(found, needed, strict=True)]


def _order(task: Task, made: Sequence[Slip], ground: Ground) -> Order:
    given = Given(results=task.results, files=ground.files(task.process.inputs))
    jobs = tuple((str(at), job(slip.process, given, figures=False)) for at, slip in enumerate(made))
    return Order(interpreter=ground.interpreter(task.process.env), cells=None, mutants=jobs)


def _judged(task: Task, made: Sequence[Slip], ended: Sequence[tuple[Outcome, ...]], frozen: Frozen) -> Survey:
    fates = [fate(slip.cell, outcomes) for slip, outcomes in zip(made, ended, strict=True)]
    survivors = tuple(
        _survivor(task, slip, visible=_changed(task, outcomes, frozen))
        for slip, outcomes, end in zip(made, ended, fates, strict=True)
        if not end.killed and not end.broken
    )
    return Survey(
        card=task.process.card, possible=len(made), tried=len(made), killed=sum(end.killed for end in fates),
        crashed=sum(end.broken for end in fates), survivors=survivors,
    )  # fmt: skip


def _survivor(task: Task, slip: Slip, *, visible: bool) -> Survivor:
    cell = next(cell for cell in task.process.cells if cell.id == slip.cell)
    span = Span(cell.span.path, cell.span.line + slip.line - 1)
    return Survivor(span=span, kind=slip.kind, before=slip.before, after=slip.after, visible=visible)


def _changed(task: Task, outcomes: tuple[Outcome, ...], frozen: Frozen) -> bool:
    cells = {cell.id: cell for cell in task.process.cells}
    for outcome in outcomes:
        cell, known = cells[outcome.cell], frozen.cells.get(outcome.cell)
        tolerance = Tolerance(cell.compare, cell.rtol, cell.atol)
        if known is not None and not judge(known.stdout, outcome.stdout, tolerance).same:
            return True
    return False
