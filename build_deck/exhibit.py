"""The preview's wiring: parse, check, draw and render as for the package, then a page; cells are never run here.

Faults do not stop it: a card shows what it can, with its problems beside it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from build_deck import __version__, assemble, build, preview
from build_deck.assemble import RenderedCard
from build_deck.model.card import Card, FollowUp
from build_deck.model.corpus import Corpus
from build_deck.model.problem import Problem
from build_deck.render.words import DEPTHS, KINDS, level_of
from build_deck.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A preview that was written."""

    page: Path
    cards: int
    problems: tuple[Problem, ...]
    changed: tuple[str, ...]
    """Keys of the cards whose files are new."""


def open_press(session: Session) -> preview.Press:
    """What writes `dist/preview/`, once or again and again."""
    return preview.Press(session.workspace.dist / "preview")


def show(session: Session, press: preview.Press) -> Shown:
    """Write `dist/preview/` from the answer files and frozen records as they are."""
    corpus, problems = build.load(session)
    rendering = assemble.render_all(session, corpus)
    problems = (*problems, *rendering.problems)
    owned = _by_card(corpus, problems)
    site = preview.Site(
        version=__version__,
        leaves=tuple(leaf for each in rendering.cards for leaf in _leaves(each, owned)),
        faces=assemble.faces(session), media=rendering.media, problems=owned.get("", ()),
    )  # fmt: skip
    changed = press.publish(site)
    session.memo.save()
    return Shown(
        page=session.workspace.dist / "preview" / "index.html",
        cards=len(corpus.cards),
        problems=problems,
        changed=changed,
    )


def _leaves(rendered: RenderedCard, owned: Mapping[str, tuple[Problem, ...]]) -> Iterator[preview.Leaf]:
    card, place = rendered.card, rendered.place
    own = owned.get(_key(card), ())
    promoted = tuple(each for each in card.follow_ups if each.id is not None)
    for note, follow_up in zip(rendered.notes, (None, *promoted), strict=True):
        depth = (follow_up.depth if follow_up else None) or card.depth
        yield preview.Leaf(
            key=(follow_up.id if follow_up else None) or _key(card), note=note, section=place.section_title,
            topic=place.topic_title, depth=depth, depth_name=DEPTHS.get(depth, str(depth)),
            kind="追问" if follow_up else KINDS[card.kind],
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
