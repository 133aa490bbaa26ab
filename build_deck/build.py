"""The order of the stages: the only module that knows all of them.

parse → check → run → draw → render → pack. Each stage takes records and returns records and problems;
nothing is published when a problem is an error.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from build_deck import __version__, bootstrap, pack, render, run
from build_deck.check import check, unidentified
from build_deck.draw import draw_card
from build_deck.memo import Memo, code_version
from build_deck.model.card import Card, Prose
from build_deck.model.corpus import Corpus
from build_deck.model.event import Progress
from build_deck.model.note import Face, Media, RenderedNote
from build_deck.model.problem import Problem, errors
from build_deck.model.span import Span
from build_deck.parse import corpus as parse
from build_deck.workspace import Workspace

Listener = Callable[[Progress], None]
TASKS_WORTH_A_WORKER = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One invocation: where, what is remembered, who is told, whether missing environments may be installed."""

    workspace: Workspace
    ground: run.Ground
    memo: Memo
    listener: Listener
    install: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What running cells came to."""

    cells: int = 0
    reused: int = 0
    mutants: tuple[int, int] = (0, 0)
    """Killed, and tried, in this run."""
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


def open_session(root: Path, listener: Listener, *, install: bool = False, trust: bool = False) -> Session:
    """A session over the checkout at `root`; only with `trust` do cells run outside the sandbox."""
    workspace = Workspace(root)
    memo = Memo(workspace.build / "memo", code_version(Path(__file__).parent))
    ground = run.Ground.at(root, sandboxed=not trust)
    return Session(workspace=workspace, ground=ground, memo=memo, listener=listener, install=install)


def load(session: Session) -> tuple[Corpus, tuple[Problem, ...]]:
    """Parse and check everything under `source/`."""
    session.listener(Progress(stage="parse", done=0, total=1))
    corpus, problems = parse.load(session.workspace.root, session.memo)
    session.listener(Progress(stage="parse", done=1, total=1))
    return corpus, (*problems, *check(corpus, session.workspace.root, session.memo))


def plan(session: Session, corpus: Corpus, cards: Iterable[str] = (), *, everything: bool = False) -> run.Plan:
    """Which cells and mutants have to run, of all cards or of those named; with `everything`, fresh ones too."""
    chosen = frozenset(cards)
    whole = run.plan(corpus, session.ground, everything=everything)
    if not chosen:
        return whole
    return replace(whole, tasks=tuple(task for task in whole.tasks if task.process.card in chosen))


def workers_for(planned: run.Plan) -> int:
    """As many as there are cores, but no engine (seconds to load torch) that has not enough to do."""
    return min(os.cpu_count() or 1, 1 + len(planned.stale) // TASKS_WORTH_A_WORKER)


def reused_cells(planned: run.Plan) -> int:
    """Cells whose records hold and which do not run."""
    return sum(len(task.process.cells) for task in planned.tasks if not task.why and not task.process.is_stub)


def execute(session: Session, planned: run.Plan) -> Runs:
    """Run the plan's stale tasks and freeze their outcomes. Raises EngineError when an environment does not start."""
    problems = [*planned.problems, *missing_environments(session, planned)]
    reused = reused_cells(planned)
    if errors(tuple(problems)) or not planned.stale:
        return Runs(reused=reused, problems=tuple(problems))
    cells = killed = tried = 0
    for event in run.execute(planned, session.ground, run.Options(workers=workers_for(planned))):
        if isinstance(event, Progress):
            session.listener(event)
        else:
            cells, killed, tried = cells + event.cells, killed + event.mutants[0], tried + event.mutants[1]
            problems += event.problems
    return Runs(cells=cells, reused=reused, mutants=(killed, tried), problems=tuple(problems))


def build(session: Session) -> tuple[Summary | None, tuple[Problem, ...]]:
    """The whole way from `source/` to `dist/`; no summary, and nothing published, when a problem is an error."""
    corpus, problems = load(session)
    problems = (*problems, *unidentified(corpus))
    if errors(problems):
        return None, problems
    runs = execute(session, plan(session, corpus))
    rendering = _render(session, corpus)
    problems = (*problems, *runs.problems, *rendering.problems)
    if errors(problems):
        return None, problems
    ledger, found = pack.load_ledger(session.workspace.ledger)
    drafts = pack.load_drafts(session.workspace.build / "notes.json", ledger)
    parts = pack.Parts(notes=rendering.notes, faces=_faces(session), media=rendering.media, spans=_spans(corpus))
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
        figures=rendering.figures, package=package, size=size,
    ), problems  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rendering:
    notes: tuple[RenderedNote, ...]
    media: tuple[Media, ...]
    figures: int
    mutants: tuple[int, int]
    problems: tuple[Problem, ...]


def _render(session: Session, corpus: Corpus) -> _Rendering:
    """Draw and render every card, remembered ones from the memo."""
    evidence = run.load_evidence(corpus, session.ground)
    questions = {card.id: card.question.text for card in corpus.cards if card.id}
    notes: list[RenderedNote] = []
    media: dict[str, Media] = {}
    problems: list[Problem] = []
    figures = 0
    places = tuple(_places(corpus))
    for done, (card, place) in enumerate(places, 1):
        proof = evidence.get(card.id or "")
        pictures, faults = draw_card(card, proof, session.workspace.root)
        images = _images(card, session)
        linked = {key: questions[key] for key in (*card.related, card.use or "") if key in questions}
        inputs = render.CardInputs(
            card=card, place=place, evidence=proof, pictures=pictures, images=images, questions=linked
        )
        rendered, found = _remembered(inputs, session.memo)
        notes += rendered
        problems += (*faults, *found)
        figures += len(pictures)
        shown = [each for picture in pictures.values() for each in (picture.light, picture.dark)]
        media |= {each.name: each for each in (*shown, *images.values())}
        if done % 50 == 0 or done == len(places):
            session.listener(Progress(stage="render", done=done, total=len(places), item=card.id or ""))
    killed = sum(verdict.killed for proof in evidence.values() for verdict in proof.mutants)
    mutants = (killed, sum(len(card.mutants) for card in corpus.cards))
    return _Rendering(
        notes=tuple(notes), media=tuple(media.values()), figures=figures, mutants=mutants, problems=tuple(problems)
    )


def _remembered(inputs: render.CardInputs, memo: Memo) -> tuple[tuple[RenderedNote, ...], tuple[Problem, ...]]:
    key = render.cache_key(inputs)
    known: tuple[tuple[RenderedNote, ...], tuple[Problem, ...]] | None = memo.get(key)
    if known is None:
        memo.put(key, known := render.render_card(inputs))
    return known


def _faces(session: Session) -> tuple[Face, ...]:
    known: tuple[Face, ...] | None = session.memo.get("faces")
    if known is None:
        session.memo.put("faces", known := render.faces(render.FaceOptions(version=__version__)))
    return known


def _places(corpus: Corpus) -> Iterator[tuple[Card, render.Place]]:
    sections = {section.id: (number, section.title) for number, section in enumerate(corpus.sections)}
    for number, topic in enumerate(corpus.topics):
        section, title = sections[topic.section]
        for at, card in enumerate(topic.cards):
            yield card, render.Place(
                section_id=topic.section, section_title=title, topic_title=topic.title, section=section, topic=number,
                card=at,
            )  # fmt: skip


def _spans(corpus: Corpus) -> dict[str, Span]:
    spans = {card.id or "": card.span for card in corpus.cards}
    return spans | {each.id: each.span for card in corpus.cards for each in card.follow_ups if each.id}


_IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?([^)\s>]+)")


def _images(card: Card, session: Session) -> Mapping[str, Media]:
    """Local images by the `src` in the Markdown, relative to the answer file; what is missing `render` reports."""
    folder = (session.workspace.root / card.span.path).parent
    found: dict[str, Media] = {}
    for source in _image_sources(card, session.memo):
        path = (folder / source).resolve()
        if path.is_relative_to(session.workspace.source.resolve()) and path.is_file():
            data = path.read_bytes()
            name = f"proofdeck-{hashlib.sha256(data).hexdigest()[:16]}{path.suffix.lower()}"
            found[source] = Media(name=name, data=data)
    return found


def _image_sources(card: Card, memo: Memo) -> tuple[str, ...]:
    key = f"images:{card.digest}"
    known: tuple[str, ...] | None = memo.get(key)
    if known is None:
        memo.put(key, known := tuple(sorted({src for prose in _proses(card) for src in _IMAGE.findall(prose.text)})))
    return known


def _proses(card: Card) -> Iterator[Prose]:
    yield card.question
    yield from (block for item in card.fields for block in item.blocks if isinstance(block, Prose))
    for follow_up in card.follow_ups:
        yield from (each for each in (follow_up.question, follow_up.answer) if each is not None)
    for pitfall in card.pitfalls:
        yield from (each for each in (pitfall.wrong, pitfall.right) if each is not None)
    yield from (*card.ask_backs, *card.references)


def missing_environments(session: Session, planned: run.Plan) -> Iterator[Problem]:
    """Install what the plan needs where that is allowed; what is still missing is a problem."""
    for env in planned.stale_envs:
        if session.install:
            bootstrap.ensure_cell_environment(env)
        if not session.ground.installed(env):
            first = next(task for task in planned.stale if task.process.env == env)
            text = f"{first.why or 'mutants wait'}: environment {env} is not installed"
            hint = f"`make deck` installs it; or python3 -m build_deck.bootstrap cells {env}"
            yield Problem(code="R010", span=first.process.cells[0].span, text=text, hint=hint)
