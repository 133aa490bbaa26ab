"""The whole deck as parsed: sections in the order of `source/deck.yaml`, topics, cards."""

from __future__ import annotations

from dataclasses import dataclass

from build_deck.model.card import Card
from build_deck.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One answer file."""

    id: str
    """`section/topic`, the path below `source/` without its ending."""
    section: str
    title: str
    span: Span
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One folder of answer files; `topics` maps the listed topic ids to the card ids that live in them."""

    id: str
    title: str
    topics: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Everything under `source/`, in deck order."""

    sections: tuple[Section, ...]
    topics: tuple[Topic, ...]
    report: str = ""
    """Where a reader reports a fault: an address with `{id}` and `{release}` in it; empty when there is none."""

    @property
    def cards(self) -> tuple[Card, ...]:
        """All cards in deck order."""
        return tuple(card for topic in self.topics for card in topic.cards)
