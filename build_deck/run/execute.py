"""Do what the plan says and freeze what comes of it. Failed cells are problems; they are never frozen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field

from build_deck.cells.protocol import Outcome
from build_deck.model.event import Progress
from build_deck.model.problem import Problem
from build_deck.run.cluster import perform_there
from build_deck.run.freeze import read, write
from build_deck.run.ground import Ground
from build_deck.run.order import Report, order
from build_deck.run.plan import Plan, Task, cost
from build_deck.run.schedule import EnginePool, gather, spread
from build_deck.run.settle import Policy, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """One task has run and its outcome is settled."""

    task: Task
    problems: tuple[Problem, ...]
    wrote: bool
    """Whether a frozen file changed."""
    outcomes: tuple[Outcome, ...]
    """How each cell ended."""
    mutants: tuple[int, int]
    """Killed, and tried; a kata's stub counts."""
    seconds: float
    """That workers were busy with it, all together."""
    computed: float
    """Of these, spent in cells and mutants themselves."""

    @property
    def cells(self) -> int:
        """Cells that ran; one that was lent counts where it belongs."""
        lent = self.task.process.lent
        return sum(outcome.status != "skipped" and outcome.cell not in lent for outcome in self.outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a plan is carried out."""

    policy: Policy = field(default_factory=Policy)
    workers: int = 1
    pool: EnginePool | None = None
    """Engines to use and leave running; None for engines of its own."""
    executor: Executor | None = None
    """Workers in other processes (`cluster`) instead of threads with local engines."""


def execute(plan: Plan, ground: Ground, options: Options | None = None) -> Iterator[Progress | Finished]:
    """Run the stale tasks and freeze their outcomes, one event before the first task and two after each.

    Raises EngineError when an environment does not start; what finished before stays frozen.
    """
    options = options or Options()
    # the longest first, so that at the end no worker is left alone with one
    tasks = sorted(plan.stale, key=lambda task: -cost(task, read(task.process.card, ground)))
    yield Progress(stage="run", done=0, total=len(tasks))
    with contextlib.nullcontext(options.pool) if options.pool else EnginePool() as pool:
        orders = [order(task, ground) for task in tasks]
        if options.executor is not None:
            reports = gather(options.executor, perform_there, orders)
        else:
            reports = spread(orders, pool, options.workers)
        for done, (at, report) in enumerate(reports, 1):
            task = tasks[at]
            yield _settle(task, report, ground, options.policy)
            yield Progress(stage="run", done=done, total=len(tasks), item=task.process.card)


def _settle(task: Task, report: Report, ground: Ground, policy: Policy) -> Finished:
    # read again: another task of the same card may have settled since
    before = read(task.process.card, ground)
    settled = settle(task, report, before, ground.requirements[task.process.env], policy)
    may_write = policy.record_new or task.process.card in policy.accept
    wrote = may_write and settled.frozen != before and write(settled.frozen, before, ground)
    tried = 1 if task.process.is_stub else len(report.mutants)
    return Finished(
        task=task, problems=settled.problems, wrote=wrote, outcomes=report.cells,
        mutants=(settled.killed, tried), seconds=report.seconds, computed=report.computed,
    )  # fmt: skip
