"""Do what the plan says and freeze what comes of it. Failed cells are problems; they are never frozen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from build_deck.cells.protocol import Outcome
from build_deck.model.event import Progress
from build_deck.model.problem import Problem
from build_deck.run.cluster import perform_there
from build_deck.run.freeze import read, write
from build_deck.run.ground import Ground
from build_deck.run.order import Order, Report, order
from build_deck.run.plan import Plan, Task, cost, waves
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
    """Killed, and tried."""
    stubs: tuple[int, int]
    """Stubs of katas that failed as they must, and that were tried."""
    seconds: float
    """That workers were busy with it, all together."""
    computed: float
    """Of these, spent in cells and mutants themselves."""

    @property
    def cells(self) -> int:
        """Cells that ran; one that was lent counts where it belongs, and so do the tests that a stub fails."""
        if self.task.process.is_stub:
            return 0
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
    done, total = 0, len(plan.stale)
    yield Progress(stage="run", done=done, total=total)
    with contextlib.nullcontext(options.pool) if options.pool else EnginePool() as pool:
        for wave in waves(plan, ground):
            # the longest first, so that at the end no worker is left alone with one
            tasks = sorted(wave, key=lambda task: -cost(task, read(task.process.card, ground)))
            total = max(total, done + len(tasks))
            for at, report in reports([order(task, ground) for task in tasks], pool, options):
                done += 1
                yield _settle(tasks[at], report, ground, options.policy)
                yield Progress(stage="run", done=done, total=total, item=tasks[at].process.card)


def reports(orders: Sequence[Order], pool: EnginePool, options: Options) -> Iterator[tuple[int, Report]]:
    """Reports with the place of their order, from wherever `options` lets them be carried out."""
    if options.executor is not None:
        return gather(options.executor, perform_there, orders)
    return spread(orders, pool, options.workers)


def _settle(task: Task, report: Report, ground: Ground, policy: Policy) -> Finished:
    # read again: another task of the same card may have settled since
    before = read(task.process.card, ground)
    settled = settle(task, report, before, ground.requirements[task.process.env], policy)
    may_write = policy.record_new or task.process.card in policy.accept
    wrote = may_write and settled.frozen != before and write(settled.frozen, before, ground)
    stub = task.process.is_stub
    return Finished(
        task=task, problems=settled.problems, wrote=wrote, outcomes=report.cells,
        mutants=(0, 0) if stub else (settled.killed, len(report.mutants)),
        stubs=(settled.killed, 1) if stub else (0, 0), seconds=report.seconds, computed=report.computed,
    )  # fmt: skip
