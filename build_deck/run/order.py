"""What a task needs to have run, cut into errands: one job each, picklable, touching no file of the project."""

from __future__ import annotations

import time
from dataclasses import dataclass

from build_deck.cells.protocol import Interpreter, Job, Outcome, Toolchain
from build_deck.cells.runner import Engine, outcomes
from build_deck.run.ground import Ground
from build_deck.run.plan import Task
from build_deck.run.process import Given, job, mutated
from build_deck.run.verdict import decisive


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The runs of one task. Its mutants go to whichever workers are free, and count only if its cells end well."""

    interpreter: Interpreter
    cells: Job | None
    mutants: tuple[tuple[str, Job], ...]
    """By the mutant's name: the process with the replacement in it, as far as that can be decisive."""
    known: bool = False
    """The cells ended well last time: the mutants need not wait for them to do so again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One job for one worker, which asks nothing back. The part that travels."""

    interpreter: Interpreter
    job: Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of an errand."""

    toolchain: Toolchain
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether every cell ended well."""
        return all(outcome.status == "ok" for outcome in self.outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of an order; its mutants are missing when its cells did not end well."""

    toolchain: Toolchain
    """Of the cells; empty when there was nothing to run."""
    cells: tuple[Outcome, ...] = ()
    mutants: tuple[tuple[str, tuple[Outcome, ...]], ...] = ()
    seconds: float = 0.0
    """That workers were busy with it, all together."""
    computed: float = 0.0
    """Of these, spent in the cells themselves."""


def order(task: Task, ground: Ground) -> Order:
    """What has to be executed for `task`. Raises OSError when an input is not readable."""
    given = Given(results=task.results, files=ground.files(task.process.inputs))
    runs = job(task.process, given, figures=not task.process.is_stub)
    changed = ((each, mutated(task.process, each)) for each in task.mutants)
    return Order(
        interpreter=ground.interpreter(task.process.env),
        cells=runs if task.why else None,
        known=task.known,
        mutants=tuple(
            (each.name, job(decisive(process, each.of), given, figures=False)) for each, process in changed if process
        ),
    )


def perform(errand: Errand, engine: Engine) -> Ended:
    """Run one job until a cell does not end well. Raises EngineError."""
    began = time.perf_counter()
    ended = outcomes(engine.run(errand.job))
    return Ended(toolchain=engine.toolchain, outcomes=ended, seconds=time.perf_counter() - began)
