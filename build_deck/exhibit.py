"""The preview's wiring: parse, check, draw and render as for the package, then a page; cells are never run here.

Faults do not stop it: a card shows what it can, with its problems beside it.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from build_deck import __version__, assemble, build, preview
from build_deck.assemble import RenderedCard
from build_deck.model.card import Card, FollowUp
from build_deck.model.corpus import Corpus
from build_deck.model.problem import Problem
from build_deck.model.span import Span
from build_deck.render import Place
from build_deck.render.words import DEPTHS, FOLLOW_UP, KINDS, LEVELS, level_of
from build_deck.session import Session

ORDERS = MappingProxyType(
    {
        "depth": tuple(DEPTHS.values()), "kind": (*KINDS.values(), FOLLOW_UP), "level": tuple(LEVELS.values()),
    }
)  # fmt: skip
"""What a reader chooses cards by, in the order that the words themselves have; sections have the deck's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A preview that was written."""

    page: Path
    cards: int
    problems: tuple[Problem, ...]
    changed: tuple[str, ...]
    """Keys of the cards whose files are new."""


class Exhibit:
    """`dist/preview/` of one checkout, written once or again and again; what did not change is not made again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._press = preview.Press(session.workspace.dist / "preview")
        self._made: dict[_Basis, RenderedCard] = {}

    @property
    def folder(self) -> Path:
        """Where the page is."""
        return self._press.folder

    def show(self) -> Shown:
        """Write the page from the answer files and frozen records as they are."""
        session = self._session
        corpus, problems = build.load(session)
        rendering = self._rendering(corpus)
        problems = (*problems, *rendering.problems)
        owned = _by_card(corpus, problems)
        site = preview.Site(
            version=__version__,
            leaves=tuple(leaf for each in rendering.cards for leaf in _leaves(each, owned)),
            faces=assemble.faces(session, corpus), media=rendering.media, problems=owned.get("", ()),
            orders=ORDERS,
        )  # fmt: skip
        changed = self._press.publish(site)
        session.memo.save()
        return Shown(page=self.folder / "index.html", cards=len(corpus.cards), problems=problems, changed=changed)

    def _rendering(self, corpus: Corpus) -> assemble.Rendering:
        questions = {card.id: card.question.text for card in corpus.cards if card.id}
        bases = [_basis(self._session, card, place, questions) for card, place in assemble.places_of(corpus)]
        stale = frozenset(basis.digest for basis in bases if basis not in self._made)
        fresh = iter(assemble.render_all(self._session, corpus, stale).cards)
        cards = tuple(next(fresh) if basis.digest in stale else self._made[basis] for basis in bases)
        self._made = dict(zip(bases, cards, strict=True))
        return assemble.Rendering(cards=cards)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What a card is made from, files by name, time and size: within one session equal bases look equal."""

    digest: str
    span: Span
    place: Place
    linked: tuple[str, ...]
    files: tuple[tuple[str, int, int], ...]


def _basis(session: Session, card: Card, place: Place, questions: Mapping[str, str]) -> _Basis:
    root = session.workspace.root
    files = [root / path for cell in card.cells for path in cell.inputs]
    # the folder of an answer file holds the images that it may show
    for folder in ((root / card.span.path).parent, *([session.workspace.figures / card.id] if card.id else [])):
        if folder.is_dir():
            files += sorted(path for path in folder.iterdir() if path.suffix != ".md")
    linked = tuple(questions.get(key, "") for key in (*card.related, card.use or ""))
    return _Basis(digest=card.digest, span=card.span, place=place, linked=linked, files=tuple(_stats(files)))


def _stats(files: Iterable[Path]) -> Iterator[tuple[str, int, int]]:
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            yield str(path), stat.st_mtime_ns, stat.st_size


def _leaves(rendered: RenderedCard, owned: Mapping[str, tuple[Problem, ...]]) -> Iterator[preview.Leaf]:
    card, place = rendered.card, rendered.place
    own = owned.get(_key(card), ())
    promoted = tuple(each for each in card.follow_ups if each.id is not None)
    for note, follow_up in zip(rendered.notes, (None, *promoted), strict=True):
        depth = (follow_up.depth if follow_up else None) or card.depth
        yield preview.Leaf(
            key=(follow_up.id if follow_up else None) or _key(card), note=note, section=place.section_title,
            topic=place.topic_title, depth=depth, depth_name=DEPTHS.get(depth, str(depth)),
            kind=FOLLOW_UP if follow_up else KINDS[card.kind],
            level="" if follow_up else level_of(rendered.evidence), core=card.core and follow_up is None,
            parent=_key(card) if follow_up else "", span=follow_up.span if follow_up else card.span,
            problems=tuple(_within(follow_up, own)) if follow_up else own,
        )  # fmt: skip


def _key(card: Card) -> str:
    return card.id or f"{card.topic.replace('/', '.')}.{card.number}"


def _within(follow_up: FollowUp, problems: Iterable[Problem]) -> Iterator[Problem]:
    first = follow_up.span.line
    last = max(first, follow_up.answer.span.end_line if follow_up.answer else 0)
    return (problem for problem in problems if first <= problem.span.line <= last)


def _by_card(corpus: Corpus, problems: Iterable[Problem]) -> dict[str, tuple[Problem, ...]]:
    """Problems by the key of the card in whose lines they lie; those of no card under the empty key."""
    starts: dict[str, list[tuple[int, str]]] = {}
    for card in corpus.cards:
        starts.setdefault(card.span.path, []).append((card.span.line, _key(card)))
    for places in starts.values():
        places.sort()
    found: dict[str, tuple[Problem, ...]] = {}
    for problem in problems:
        places = starts.get(problem.span.path, [])
        at = bisect_right(places, problem.span.line, key=lambda place: place[0])
        key = places[at - 1][1] if at else ""
        found[key] = (*found.get(key, ()), problem)
    return found
