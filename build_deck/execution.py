"""Running cells on purpose: `run`, `verify`, `merge`. What `build` does on the way to a package is in `build`."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from build_deck import build, run
from build_deck.model.corpus import Corpus
from build_deck.model.event import Progress
from build_deck.model.problem import Problem, errors
from build_deck.session import Session

FALLEN = ("R001", "R003")
"""Problems of a process that does not come out as it is frozen."""


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
    mutate: str = ""
    """Try mutants of our own as well: `some`, as far as it does not take too long, or `all`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What came of it."""

    finished: tuple[run.Finished, ...] = ()
    reused: int = 0
    """Cells whose records hold and which did not run."""
    believed: tuple[run.Belief, ...] = ()
    """Of all that was to be executed, what this machine cannot."""
    surveys: tuple[run.Survey, ...] = ()
    unsurveyed: tuple[run.Unsurveyed, ...] = ()
    """Of what was to be surveyed, what could not be."""
    problems: tuple[Problem, ...] = ()

    @property
    def cells(self) -> int:
        """Cells that ran."""
        return sum(each.cells for each in self.finished)

    @property
    def mutants(self) -> tuple[int, int]:
        """Recorded mutants killed, and tried."""
        return sum(each.mutants[0] for each in self.finished), sum(each.mutants[1] for each in self.finished)

    @property
    def stubs(self) -> tuple[int, int]:
        """Stubs of katas that failed as they must, and that were tried."""
        return sum(each.stubs[0] for each in self.finished), sum(each.stubs[1] for each in self.finished)


def execute(session: Session, corpus: Corpus, wish: Wish) -> Account:
    """Run what is wished for. Raises EngineError, ClusterError, SetupError, and ValueError for a bad shard."""
    planned = _plan(session, corpus, wish, everything=wish.everything)
    problems = (*planned.problems, *build.missing_environments(session, planned))
    if errors(problems):
        return Account(reused=build.reused_cells(planned), problems=problems)
    finished: list[run.Finished] = []
    with _executor(wish) as executor, run.EnginePool() as pool:
        workers = build.workers_for(session, planned)
        options = run.Options(policy=wish.policy, workers=workers, pool=pool, executor=executor)
        for event in run.execute(planned, session.ground, options) if planned.stale else ():
            if isinstance(event, Progress):
                session.listener(event)
            else:
                finished.append(event)
        options = replace(options, workers=os.cpu_count() or 1)
        surveys, left_out = _survey(session, corpus, wish, options, finished) if wish.mutate else ((), ())
    found = (problem for each in finished for problem in each.problems)
    return Account(
        finished=tuple(finished), reused=build.reused_cells(planned, finished), surveys=surveys, unsurveyed=left_out,
        believed=run.beliefs(planned, session.ground) if wish.everything else (), problems=(*problems, *found),
    )  # fmt: skip


def report_text(account: Account, problems: Iterable[Problem], status: int, reason: str = "") -> str:
    """The account as JSON, with the `problems` that others found and how the command ended."""
    ran = {id(problem) for each in account.finished for problem in each.problems}
    early = [problem for problem in (*problems, *account.problems) if id(problem) not in ran]
    told = run.report(account.finished, early, account.surveys)
    believed = [asdict(each) for each in account.believed]
    left_out = [asdict(each) for each in account.unsurveyed]
    data = {**told, "believed": believed, "unsurveyed": left_out, "status": status, "reason": reason}
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def merge(session: Session, corpus: Corpus, shards: Sequence[Path]) -> run.Merged:
    """Take over the records that other checkouts of this tree made."""
    return run.merge(shards, corpus, session.ground)


def _plan(session: Session, corpus: Corpus, wish: Wish, *, everything: bool) -> run.Plan:
    planned = build.plan(session, corpus, wish.cards, everything=everything)
    return run.shard(planned, corpus, session.ground, *wish.shard) if wish.shard else planned


def _survey(
    session: Session, corpus: Corpus, wish: Wish, options: run.Options, finished: Iterable[run.Finished]
) -> tuple[tuple[run.Survey, ...], tuple[run.Unsurveyed, ...]]:
    planned = _plan(session, corpus, wish, everything=False)
    fallen = {
        (each.task.process.card, each.task.process.name)
        for each in finished
        if any(problem.code in FALLEN for problem in each.problems)
    }
    surveys: list[run.Survey] = []
    for event in run.survey(planned, session.ground, options, fallen=fallen, every=wish.mutate == "all"):
        if isinstance(event, Progress):
            session.listener(event)
        else:
            surveys.append(event)
    return tuple(surveys), tuple(run.unsurveyed(planned, session.ground, fallen))


def _executor(wish: Wish) -> contextlib.AbstractContextManager[Executor | None]:
    return run.cluster(wish.cluster) if wish.cluster else contextlib.nullcontext()
