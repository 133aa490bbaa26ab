"""Say what has to run and why, from records and requirements texts alone; nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from build_deck.model.card import Card, Cell, Mutant
from build_deck.model.corpus import Corpus
from build_deck.model.problem import Problem, Severity
from build_deck.model.span import Span
from build_deck.run.freeze import Frozen, read
from build_deck.run.fresh import STUB, holds, is_fresh, measured, mutants, record_keys, verdict_name, verdict_on
from build_deck.run.ground import Ground
from build_deck.run.key import RESULT
from build_deck.run.process import Process, executable, processes

UNKNOWN_COST = 5.0
"""Seconds to reckon with for cells that have never run."""
WORTH_A_WORKER = 15.0
"""Seconds of work for which starting one more engine pays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One process of one card, and what of it has to run."""

    card: Card
    process: Process
    keys: Mapping[str, str]
    """Record key of every cell, and of the mutant or stub verdicts as `mutant:<name>` and `stub`."""
    why: str = ""
    """Why its cells must run; empty when their records hold."""
    mutants: tuple[Mutant, ...] = ()
    """Mutants without a valid verdict."""
    results: Mapping[str, object] = field(default_factory=dict)
    """What cells that run alone measured."""
    known: bool = False
    """Its records hold; its cells run all the same, to be verified."""

    @property
    def fresh(self) -> bool:
        """Whether nothing of it has to run."""
        return not self.why and not self.mutants


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every process that can run here; `problems` are faults that show without running anything."""

    tasks: tuple[Task, ...]
    problems: tuple[Problem, ...] = ()
    believed: tuple[Task, ...] = ()
    """Processes whose records hold and which cannot be executed here."""
    everything: bool = False
    """Whether what is fresh runs too."""

    @property
    def stale(self) -> tuple[Task, ...]:
        """The tasks that have to run."""
        return tuple(task for task in self.tasks if not task.fresh)

    @property
    def stale_envs(self) -> tuple[str, ...]:
        """The environments that have to be installed for it; sorted."""
        return tuple(sorted({task.process.env for task in self.stale}))


def plan(corpus: Corpus, ground: Ground, cards: frozenset[str] = frozenset(), *, everything: bool = False) -> Plan:
    """What has to run, of all cards or of those named; with `everything`, all that this machine can execute."""
    tasks: list[Task] = []
    problems: list[Problem] = []
    believed: list[Task] = []
    for card in corpus.cards:
        if cards and card.id not in cards:
            continue
        problems += _lost_mutants(card)
        if card.id is None or not processes(card):
            continue
        frozen = read(card.id, ground)
        problems += [_damaged(card, name) for name in frozen.damage]
        for process in processes(card):
            found = faults(process, ground)
            problems += found
            task = _task(card, process, frozen, ground)
            if not lacking(process, ground):
                tasks += [] if found else [_whole(task) if everything else task]
            else:
                problems += _elsewhere(task, ground)
                believed += [] if task.why else [task]
    return Plan(tasks=tuple(tasks), problems=tuple(problems), believed=tuple(believed), everything=everything)


def waves(plan: Plan, ground: Ground) -> Iterator[tuple[Task, ...]]:
    """The stale tasks in an order in which what a cell reads of another process is frozen before it runs.

    Take a wave, run it, freeze it; then take the next, which is planned anew from the records as they are by then.
    """
    waiting = list(plan.tasks)
    while stale := [task for task in waiting if not task.fresh]:
        made = {cell for task in stale if task.why for cell in _cells(task)}
        # a circle cannot be put in order
        ready = [task for task in stale if not made & _read(task)] or stale
        yield tuple(ready)
        done = {(task.process.card, task.process.name) for task in ready}
        waiting = [task for task in waiting if (task.process.card, task.process.name) not in done]
        made = {cell for task in ready if task.why for cell in _cells(task)}
        waiting = [_again(task, ground, plan) if made & _read(task) else task for task in waiting]


def every_task(corpus: Corpus, ground: Ground) -> Iterator[Task]:
    """Every process of the deck with all its mutants, wherever it can be executed; `why` says what its records lack."""
    for card in corpus.cards:
        for process in processes(card):
            frozen = read(process.card, ground)
            task = _task(card, process, frozen, ground)
            yield replace(task, mutants=mutants(card, process))


def seconds(process: Process, frozen: Frozen) -> float:
    """What one run of the process will take, reckoned from what its cells took last time."""
    known = [frozen.cells[cell.id].record.seconds for cell in process.own if cell.id in frozen.cells]
    return sum(known) if known else UNKNOWN_COST


def cost(task: Task, frozen: Frozen) -> float:
    """Seconds that the task will take, its mutants included."""
    return seconds(task.process, frozen) * (bool(task.why) + len(task.mutants))


def workers(plan: Plan, ground: Ground, most: int) -> int:
    """How many of at most `most` workers pay: loading torch takes seconds, and a worker needs jobs to do."""
    seconds = sum(cost(task, read(task.process.card, ground)) for task in plan.stale)
    jobs = sum(bool(task.why) + len(task.mutants) for task in plan.stale)
    return max(1, min(most, jobs, round(seconds / WORTH_A_WORKER)))


def lacking(process: Process, ground: Ground) -> str:
    """What the process needs that this machine, for which no GPU is reckoned with, lacks; empty when it can run."""
    if not ground.at_hand(process.env):
        return f"environment {process.env}"
    return "" if executable(process) else _rare(process.own[0])


def _rare(cell: Cell) -> str:
    return "a GPU" if "cuda" in cell.needs else "nvcc" if "nvcc" in cell.needs else f"a runner for {cell.language}"


def _cells(task: Task) -> set[tuple[str, str]]:
    return {(task.process.card, cell.id) for cell in task.process.own}


def _read(task: Task) -> set[tuple[str, str]]:
    """Cells of other processes whose measurements its own cells ask for."""
    names = {name for cell in task.process.cells for name in RESULT.findall(cell.source)}
    return {(task.process.card, name) for name in names} - _cells(task)


def _again(task: Task, ground: Ground, plan: Plan) -> Task:
    found = _task(task.card, task.process, read(task.process.card, ground), ground)
    return _whole(found) if plan.everything else found


def _task(card: Card, process: Process, frozen: Frozen, ground: Ground) -> Task:
    results = measured(process, frozen)
    keys = record_keys(card, process, frozen, ground)
    requirements = ground.requirements.get(process.env, "")
    if process.is_stub:
        why = "" if holds(frozen.record.stub, keys[STUB], requirements) else "the stub was not tried"
        return Task(card=card, process=process, keys=keys, why=why, results=results)
    waiting = tuple(
        each
        for each in mutants(card, process)
        if not holds(verdict_on(each, frozen.record), keys[verdict_name(each)], requirements)
    )
    why = _why(process, frozen, keys, requirements)
    return Task(card=card, process=process, keys=keys, why=why, mutants=waiting, results=results)


def _why(process: Process, frozen: Frozen, keys: Mapping[str, str], requirements: str) -> str:
    for cell in process.own:
        known = frozen.cells.get(cell.id)
        if is_fresh(known, keys[cell.id], requirements):
            continue
        if known is None:
            return f"{cell.id} has no sound record"
        return f"{cell.id} changed" if known.record.key != keys[cell.id] else f"environment {process.env} changed"
    return ""


def _whole(task: Task) -> Task:
    return replace(task, why="verify", mutants=mutants(task.card, task.process), known=not task.why)


def _lost_mutants(card: Card) -> list[Problem]:
    sources = {cell.id: cell.source for cell in card.cells}
    lost = (each for each in card.mutants if sources.get(each.of, "").count(each.old) != 1)
    hint = "the `-` lines must occur exactly once in the cell that `of=` names"
    return [
        Problem(code="R007", span=each.span, text=f"mutant “{each.name}” does not apply to {each.of}", hint=hint)
        for each in lost
    ]


def faults(process: Process, ground: Ground) -> list[Problem]:
    """What keeps a process from running on whatever machine: inputs that do not exist, an unknown environment."""
    cell = process.cells[0]
    problems = [
        Problem(code="R011", span=each.span, text=f"input {name} does not exist")
        for each in process.cells
        for name in each.inputs
        if ground.input(name) is None
    ]
    if process.env not in ground.requirements:
        hint = f"known: {', '.join(ground.requirements)}; a new one needs requirements/cells-{process.env}.txt"
        problems.append(Problem(code="R002", span=cell.span, text=f"no environment {process.env}", hint=hint))
    return problems


def _damaged(card: Card, name: str) -> Problem:
    where = Span(f"figures/{card.id}/{name}", 1)
    text = "changed by something else than this program; its cells run again"
    return Problem(code="R004", span=where, text=text, severity=Severity.WARNING)


def _elsewhere(task: Task, ground: Ground) -> Iterator[Problem]:
    """What is shown without having been run, since what it needs is not here."""
    env, needs = task.process.env, lacking(task.process, ground)
    hint = "" if ground.at_hand(env) else f"python3 -m build_deck.bootstrap cells {env}"
    first = task.process.own[0]
    waiting = [(first.span, f"cell {first.id} needs {needs} and has no valid record: it ships as static")]
    if not task.why:
        text = "mutant “{}” needs {} and has no verdict"
        waiting = [(each.span, text.format(each.name, needs)) for each in task.mutants]
    for span, text in waiting:
        yield Problem(code="R009", span=span, text=text, hint=hint, severity=Severity.WARNING)
