"""Every card drawn and rendered: what the package and the preview are both made of, so that they cannot differ."""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from build_deck import __version__, render, run
from build_deck.draw import draw_card
from build_deck.memo import Memo
from build_deck.model.card import Card, Prose
from build_deck.model.corpus import Corpus
from build_deck.model.event import Progress
from build_deck.model.note import Face, Media, RenderedNote
from build_deck.model.outcome import CardEvidence
from build_deck.model.problem import Problem
from build_deck.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedCard:
    """One card: its note, then one per promoted follow-up, with the pictures and images that they show."""

    card: Card
    place: render.Place
    evidence: CardEvidence | None
    notes: tuple[RenderedNote, ...]
    media: tuple[Media, ...]
    figures: int
    problems: tuple[Problem, ...]

    @property
    def weight(self) -> int:
        """Bytes that a client loads to show the card: its fields, and its pictures in both inks, shown or not."""
        fields = sum(len(value.encode()) for value in self.notes[0].fields)
        return fields + sum(len(each.data) for each in self.media)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """All cards in deck order."""

    cards: tuple[RenderedCard, ...]

    @property
    def notes(self) -> tuple[RenderedNote, ...]:
        """Every note, promoted follow-ups after their parents."""
        return tuple(note for each in self.cards for note in each.notes)

    @property
    def media(self) -> tuple[Media, ...]:
        """Every file once."""
        return tuple({media.name: media for each in self.cards for media in each.media}.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What drawing and rendering found."""
        return tuple(problem for each in self.cards for problem in each.problems)

    @property
    def figures(self) -> int:
        """How many pictures were drawn."""
        return sum(each.figures for each in self.cards)

    @property
    def weights(self) -> tuple[int, ...]:
        """Of all cards, in bytes."""
        return tuple(each.weight for each in self.cards if each.notes)

    @property
    def mutants(self) -> tuple[int, int]:
        """Killed, and recorded."""
        killed = sum(verdict.killed for each in self.cards if each.evidence for verdict in each.evidence.mutants)
        return killed, sum(len(each.card.mutants) for each in self.cards)


def render_all(session: Session, corpus: Corpus, only: Container[str] | None = None) -> Rendering:
    """Draw and render every card, or those whose digests are in `only`; remembered ones from the memo."""
    evidence = run.load_evidence(_narrowed(corpus, only), session.ground)
    questions = {card.id: card.question.text for card in corpus.cards if card.id}
    cards: list[RenderedCard] = []
    places = tuple(each for each in places_of(corpus) if only is None or each[0].digest in only)
    for done, (card, place) in enumerate(places, 1):
        proof = evidence.get(card.id or "")
        pictures, faults = draw_card(card, proof, session.workspace.root)
        images = _images(card, session)
        linked = {key: questions[key] for key in (*card.related, card.use or "") if key in questions}
        inputs = render.CardInputs(
            card=card, place=place, evidence=proof, pictures=pictures, images=images, questions=linked
        )
        notes, found = _remembered(inputs, session.memo)
        shown = [each for picture in pictures.values() for each in (picture.light, picture.dark)]
        cards.append(
            RenderedCard(
                card=card, place=place, evidence=proof, notes=notes, media=(*shown, *images.values()),
                figures=len(pictures), problems=(*faults, *found),
            )
        )  # fmt: skip
        if done % 50 == 0 or done == len(places):
            session.listener(Progress(stage="render", done=done, total=len(places), item=card.id or ""))
    return Rendering(cards=tuple(cards))


def faces(session: Session, corpus: Corpus) -> tuple[Face, ...]:
    """The templates and the stylesheet of this version and deck."""
    key = f"faces:{corpus.report}"
    known: tuple[Face, ...] | None = session.memo.get(key)
    if known is None:
        options = render.FaceOptions(version=__version__, report=corpus.report)
        session.memo.put(key, known := render.faces(options))
    return known


def _remembered(inputs: render.CardInputs, memo: Memo) -> tuple[tuple[RenderedNote, ...], tuple[Problem, ...]]:
    key = render.cache_key(inputs)
    known: tuple[tuple[RenderedNote, ...], tuple[Problem, ...], tuple[str, ...]] | None = memo.get(key)
    if known is None:
        parts = _Parts(memo)
        known = (*render.render_card(inputs, parts), tuple(parts.keys))
        memo.put(key, known)
    else:
        memo.keep(known[2])
    return known[0], known[1]


class _Parts:
    """The memo, noting which keys the rendering of one card used."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self.keys: list[str] = []

    def get(self, key: str) -> Any:
        self.keys.append(key)
        return self._memo.get(key)

    def put(self, key: str, value: Any) -> None:
        self._memo.put(key, value)


def _narrowed(corpus: Corpus, only: Container[str] | None) -> Corpus:
    if only is None:
        return corpus
    topics = (replace(each, cards=tuple(card for card in each.cards if card.digest in only)) for each in corpus.topics)
    return replace(corpus, topics=tuple(topics))


def places_of(corpus: Corpus) -> Iterator[tuple[Card, render.Place]]:
    """Every card in deck order with where it stands."""
    sections = {section.id: (number, section.title) for number, section in enumerate(corpus.sections)}
    for number, topic in enumerate(corpus.topics):
        section, title = sections[topic.section]
        for at, card in enumerate(topic.cards):
            yield card, render.Place(
                section_id=topic.section, section_title=title, topic_title=topic.title, section=section, topic=number,
                card=at,
            )  # fmt: skip


_IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?([^)\s>]+)")


def _images(card: Card, session: Session) -> Mapping[str, Media]:
    """Local images by the `src` in the Markdown, relative to the answer file; what is missing `render` reports.

    Paths are taken by their text, not by following each folder on the way: `check` has refused links.
    """
    sources = {source for prose in _proses(card) if "![" in prose.text for source in _IMAGE.findall(prose.text)}
    root, found = str(session.workspace.root), dict[str, Media]()
    for source in sorted(sources):
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(card.span.path), source))
        if inside.startswith("source/"):
            with contextlib.suppress(OSError), open(f"{root}/{inside}", "rb") as stream:  # noqa: PTH123
                data = stream.read()
                ending = posixpath.splitext(inside)[1].lower()
                found[source] = Media(name=f"proofdeck-{hashlib.sha256(data).hexdigest()[:16]}{ending}", data=data)
    return found


def _proses(card: Card) -> Iterator[Prose]:
    yield card.question
    yield from (block for item in card.fields for block in item.blocks if isinstance(block, Prose))
    for follow_up in card.follow_ups:
        yield from (each for each in (follow_up.question, follow_up.answer) if each is not None)
    for pitfall in card.pitfalls:
        yield from (each for each in (pitfall.wrong, pitfall.right) if each is not None)
    yield from (*card.ask_backs, *card.references)
