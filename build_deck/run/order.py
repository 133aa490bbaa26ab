"""The part of a task that travels: jobs in, outcomes out. Picklable, reads and writes no file of the project."""

from __future__ import annotations

import time
from dataclasses import dataclass

from build_deck.cells.protocol import Interpreter, Job, Outcome, Toolchain
from build_deck.cells.runner import Engine, outcomes
from build_deck.run.ground import Ground
from build_deck.run.plan import Task
from build_deck.run.process import job, mutated


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one worker does without asking back."""

    interpreter: Interpreter
    cells: Job | None
    mutants: tuple[tuple[str, Job], ...]
    """By the mutant's name: the whole process with the replacement in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of an order."""

    toolchain: Toolchain
    cells: tuple[Outcome, ...] = ()
    mutants: tuple[tuple[str, tuple[Outcome, ...]], ...] = ()
    seconds: float = 0.0


def order(task: Task, ground: Ground) -> Order:
    """What has to be executed for `task`."""
    runs = job(task.process, figures=not task.process.is_stub, results=task.results)
    changed = ((each.name, mutated(task.process, each)) for each in task.mutants)
    return Order(
        interpreter=ground.interpreter(task.process.env),
        cells=runs if task.why else None,
        mutants=tuple((name, job(each, figures=False, results=task.results)) for name, each in changed if each),
    )


def perform(work: Order, engine: Engine) -> Report:
    """Run the cells, and the mutants unless the cells themselves did not end well. Raises EngineError."""
    began = time.perf_counter()
    ended = outcomes(engine.run(work.cells)) if work.cells else ()
    mutants: tuple[tuple[str, tuple[Outcome, ...]], ...] = ()
    if all(outcome.status == "ok" for outcome in ended):
        mutants = tuple((name, outcomes(engine.run(each))) for name, each in work.mutants)
    seconds = time.perf_counter() - began
    return Report(toolchain=engine.toolchain, cells=ended, mutants=mutants, seconds=seconds)
