"""The order of the stages: the only module that knows all of them.

parse → check → run → draw → render → pack. Each stage takes records and returns records and problems;
nothing is published when a problem is an error.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from build_deck import __version__, assemble, bootstrap, pack, run
from build_deck.check import check, unidentified
from build_deck.model.corpus import Corpus
from build_deck.model.event import Progress
from build_deck.model.problem import Problem, errors
from build_deck.model.span import Span
from build_deck.parse import corpus as parse
from build_deck.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What running cells came to."""

    cells: int = 0
    reused: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a build did, for people."""

    cards: int
    notes: int
    runs: Runs
    mutants: tuple[int, int]
    """Killed, and recorded, in the whole deck."""
    figures: int
    package: Path
    size: int
    """Bytes."""
    weights: tuple[int, ...]
    """Bytes of every card: its fields and both inks of its figures."""


def load(session: Session) -> tuple[Corpus, tuple[Problem, ...]]:
    """Parse and check everything under `source/`."""
    session.listener(Progress(stage="parse", done=0, total=1))
    corpus, problems = parse.load(session.workspace.root, session.memo)
    session.listener(Progress(stage="parse", done=1, total=1))
    return corpus, (*problems, *check(corpus, session.workspace.root, session.memo))


def plan(session: Session, corpus: Corpus, cards: Iterable[str] = (), *, everything: bool = False) -> run.Plan:
    """Which cells and mutants have to run, of all cards or of those named; with `everything`, fresh ones too."""
    return run.plan(corpus, session.ground, frozenset(cards), everything=everything)


def workers_for(session: Session, planned: run.Plan) -> int:
    """As many as there are cores, but no engine (seconds to load torch) that has not enough to do."""
    return run.workers(planned, session.ground, os.cpu_count() or 1)


def reused_cells(planned: run.Plan, finished: Iterable[run.Finished] = ()) -> int:
    """Cells whose records hold and which did not run."""
    ran = {(each.task.process.card, each.task.process.name) for each in finished if each.task.why}
    kept = (task.process for task in planned.tasks if not task.why and not task.process.is_stub)
    return sum(len(process.own) for process in kept if (process.card, process.name) not in ran)


def execute(session: Session, planned: run.Plan) -> Runs:
    """Run the plan's stale tasks and freeze their outcomes. Raises EngineError when an environment does not start."""
    problems = [*planned.problems, *missing_environments(session, planned)]
    if errors(tuple(problems)) or not planned.stale:
        return Runs(reused=reused_cells(planned), problems=tuple(problems))
    finished: list[run.Finished] = []
    for event in run.execute(planned, session.ground, run.Options(workers=workers_for(session, planned))):
        if isinstance(event, Progress):
            session.listener(event)
        else:
            finished.append(event)
    found = (problem for each in finished for problem in each.problems)
    return Runs(
        cells=sum(each.cells for each in finished), reused=reused_cells(planned, finished), problems=(*problems, *found)
    )


def build(session: Session) -> tuple[Summary | None, tuple[Problem, ...]]:
    """The whole way from `source/` to `dist/`; no summary, and nothing published, when a problem is an error."""
    corpus, problems = load(session)
    problems = (*problems, *unidentified(corpus))
    if errors(problems):
        return None, problems
    runs = execute(session, plan(session, corpus))
    rendering = assemble.render_all(session, corpus)
    problems = (*problems, *runs.problems, *rendering.problems)
    if errors(problems):
        return None, problems
    ledger, found = pack.load_ledger(session.workspace.ledger)
    drafts = pack.load_drafts(session.workspace.build / "notes.json", ledger)
    parts = pack.Parts(
        notes=rendering.notes, faces=assemble.faces(session, corpus), media=rendering.media, spans=_spans(corpus)
    )
    books = pack.Books(ledger=ledger, drafts=drafts, now=int(time.time()))
    release, faults = pack.assemble(parts, books, session.memo)
    problems = (*problems, *found, *faults)
    if errors(problems):
        return None, problems
    # before the package, so that no two packages ever share a time
    pack.save_drafts(session.workspace.build / "notes.json", pack.next_drafts(release.stamps, drafts))
    package = session.workspace.dist / f"proofdeck-{__version__}.apkg"
    size = pack.write_package(release, package)
    session.memo.save()
    return Summary(
        cards=len(corpus.cards), notes=len(release.notes), runs=runs, mutants=rendering.mutants,
        figures=rendering.figures, package=package, size=size, weights=rendering.weights,
    ), problems  # fmt: skip


def _spans(corpus: Corpus) -> dict[str, Span]:
    spans = {card.id or "": card.span for card in corpus.cards}
    return spans | {each.id: each.span for card in corpus.cards for each in card.follow_ups if each.id}


def missing_environments(session: Session, planned: run.Plan) -> Iterator[Problem]:
    """Install what the plan needs where that is allowed; what is still missing, or other than pinned, is a problem."""
    for env in planned.stale_envs:
        if session.install:
            bootstrap.ensure_cell_environment(env)
        lacks = session.ground.lacks(env)
        if lacks:
            first = next(task for task in planned.stale if task.process.env == env)
            text = f"{first.why or 'mutants wait'}: environment {env} {lacks}"
            hint = f"`make deck` installs it; or python3 -m build_deck.bootstrap cells {env}"
            yield Problem(code="R010", span=first.process.cells[0].span, text=text, hint=hint)
