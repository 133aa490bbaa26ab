"""Say what has to run and why, from records and requirements texts alone; nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from build_deck.model.card import Card, Cell, Mutant
from build_deck.model.corpus import Corpus
from build_deck.model.outcome import Level
from build_deck.model.problem import Problem, Severity
from build_deck.model.span import Span
from build_deck.run.freeze import Frozen, FrozenCell, measured, read
from build_deck.run.ground import Ground
from build_deck.run.key import cell_keys, mutant_key
from build_deck.run.process import Process, executable, mutated, processes

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
    """Every process of the deck; `problems` are faults that show without running anything."""

    tasks: tuple[Task, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def stale(self) -> tuple[Task, ...]:
        """The tasks that have to run."""
        return tuple(task for task in self.tasks if not task.fresh)

    @property
    def stale_envs(self) -> tuple[str, ...]:
        """The environments that have to be installed for it; sorted."""
        return tuple(sorted({task.process.env for task in self.stale}))


def plan(corpus: Corpus, ground: Ground, *, everything: bool = False) -> Plan:
    """What has to run; with `everything`, all that this machine can execute, as `verify` wants it."""
    tasks: list[Task] = []
    problems: list[Problem] = []
    for card in corpus.cards:
        found_processes = processes(card)
        if card.id is None or not found_processes:
            problems += _lost_mutants(card)
            continue
        frozen = read(card.id, ground)
        problems += [_damaged(card, name) for name in frozen.damage]
        for process in found_processes:
            found = faults(process, ground)
            problems += found
            task = _task(card, process, frozen, ground)
            if executable(process) and ground.at_hand(process.env):
                if everything:
                    task = _whole(task)
                tasks += [] if found else [task]
            elif task.why:
                problems.append(_elsewhere(process.own[0], ground))
        problems += _lost_mutants(card)
    return Plan(tasks=tuple(tasks), problems=tuple(problems))


def every_task(corpus: Corpus, ground: Ground) -> Iterator[Task]:
    """Every process of the deck with all its mutants, wherever it can be executed; `why` says what its records lack."""
    for card in corpus.cards:
        for process in processes(card):
            frozen = read(process.card, ground)
            task = _task(card, process, frozen, ground)
            yield replace(task, mutants=() if process.is_stub else _mutants(card, process))


def cost(task: Task, frozen: Frozen) -> float:
    """Seconds that the task will take, reckoned from what its cells took last time."""
    known = [frozen.cells[cell.id].record.seconds for cell in task.process.own if cell.id in frozen.cells]
    once = sum(known) if known else UNKNOWN_COST
    return once * (bool(task.why) + len(task.mutants))


def workers(plan: Plan, ground: Ground, most: int) -> int:
    """How many of at most `most` workers pay: loading torch takes seconds, and a worker needs jobs to do."""
    seconds = sum(cost(task, read(task.process.card, ground)) for task in plan.stale)
    jobs = sum(bool(task.why) + len(task.mutants) for task in plan.stale)
    return max(1, min(most, jobs, round(seconds / WORTH_A_WORKER)))


def is_fresh(cell: FrozenCell | None, key: str, requirements: str) -> bool:
    """Whether a frozen outcome still speaks for the cell. A GPU record is dated, not stale, in another environment."""
    if cell is None or cell.record.key != key:
        return False
    return cell.record.requirements == requirements or cell.record.level is Level.EXECUTED_GPU


def _task(card: Card, process: Process, frozen: Frozen, ground: Ground) -> Task:
    results = measured(frozen)
    keys = cell_keys(process, ground, results)
    requirements = ground.requirements.get(process.env, "")
    if process.is_stub:
        keys["stub"] = keys[process.cells[-1].id]
        stub = frozen.record.stub
        holds = stub is not None and (stub.key, stub.requirements) == (keys["stub"], requirements)
        return Task(
            card=card, process=process, keys=keys, why="" if holds else "the stub was not tried", results=results
        )
    keys |= {f"mutant:{each.name}": mutant_key(process, each, ground) for each in _mutants(card, process)}
    judged = {(each.key, each.requirements) for each in frozen.record.mutants}
    waiting = tuple(
        each for each in _mutants(card, process) if (keys[f"mutant:{each.name}"], requirements) not in judged
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
    mutants = () if task.process.is_stub else _mutants(task.card, task.process)
    return replace(task, why="verify", mutants=mutants, known=not task.why)


def _mutants(card: Card, process: Process) -> tuple[Mutant, ...]:
    """Mutants of cells of this process that can be applied."""
    return tuple(each for each in card.mutants if mutated(process, each) is not None)


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


def _elsewhere(cell: Cell, ground: Ground) -> Problem:
    needs = "a GPU" if "cuda" in cell.needs else "nvcc" if "nvcc" in cell.needs else f"a runner for {cell.language}"
    hint = ""
    if not ground.at_hand(cell.env):
        needs, hint = f"environment {cell.env}", f"python3 -m build_deck.bootstrap cells {cell.env}"
    text = f"cell {cell.id} needs {needs} and has no valid record: it ships as static"
    return Problem(code="R009", span=cell.span, text=text, hint=hint, severity=Severity.WARNING)
