"""Running cells on purpose: `run`, `verify`, `merge`. What `build` does on the way to a package is in `build`."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from build_deck import build, run
from build_deck.files import atomic_write
from build_deck.model.corpus import Corpus
from build_deck.model.event import Progress
from build_deck.model.problem import Problem, errors
from build_deck.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a command asks for."""

    cards: frozenset[str] = frozenset()
    """Only these; empty for the whole deck."""
    everything: bool = False
    """Fresh cells too."""
    policy: run.Policy = field(default_factory=run.Policy)
    shard: tuple[int, int] | None = None
    cluster: str = ""
    """Address of a Dask scheduler; empty for this machine."""
    mutate: bool = False
    """Try mutants of our own as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What came of it."""

    finished: tuple[run.Finished, ...] = ()
    reused: int = 0
    """Cells whose records hold and which did not run."""
    surveys: tuple[run.Survey, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def cells(self) -> int:
        """Cells that ran."""
        return sum(each.cells for each in self.finished)

    @property
    def mutants(self) -> tuple[int, int]:
        """Recorded mutants killed, and tried."""
        return sum(each.mutants[0] for each in self.finished), sum(each.mutants[1] for each in self.finished)


def execute(session: Session, corpus: Corpus, wish: Wish) -> Account:
    """Run what is wished for. Raises EngineError, ClusterError, SetupError, and ValueError for a bad shard."""
    planned = build.plan(session, corpus, wish.cards, everything=wish.everything)
    if wish.shard:
        planned = run.shard(planned, session.ground, *wish.shard)
    problems = (*planned.problems, *build.missing_environments(session, planned))
    reused = build.reused_cells(planned)
    if errors(problems):
        return Account(reused=reused, problems=problems)
    finished: list[run.Finished] = []
    with _executor(wish) as executor, run.EnginePool() as pool:
        workers = build.workers_for(session, planned)
        options = run.Options(policy=wish.policy, workers=workers, pool=pool, executor=executor)
        for event in run.execute(planned, session.ground, options) if planned.stale else ():
            if isinstance(event, Progress):
                session.listener(event)
            else:
                finished.append(event)
        surveys = _survey(session, corpus, wish, pool) if wish.mutate else ()
    found = tuple(problem for each in finished for problem in each.problems)
    return Account(finished=tuple(finished), reused=reused, surveys=surveys, problems=(*problems, *found))


def write_report(account: Account, path: Path) -> None:
    """The account as JSON."""
    without = {id(problem) for each in account.finished for problem in each.problems}
    early = [problem for problem in account.problems if id(problem) not in without]
    data = run.report(account.finished, early, account.surveys)
    atomic_write(path, json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def merge(session: Session, shards: Sequence[Path]) -> tuple[Problem, ...]:
    """Take over the records that other checkouts of this tree made."""
    return run.merge(shards, session.ground)


def _survey(session: Session, corpus: Corpus, wish: Wish, pool: run.EnginePool) -> tuple[run.Survey, ...]:
    planned = build.plan(session, corpus, wish.cards)
    if wish.shard:
        planned = run.shard(planned, session.ground, *wish.shard)
    surveys: list[run.Survey] = []
    for event in run.survey(planned, session.ground, workers=os.cpu_count() or 1, pool=pool):
        if isinstance(event, Progress):
            session.listener(event)
        else:
            surveys.append(event)
    return tuple(surveys)


def _executor(wish: Wish) -> contextlib.AbstractContextManager[Executor | None]:
    return run.cluster(wish.cluster) if wish.cluster else contextlib.nullcontext()
