"""What a rule over the whole deck sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from build_deck.model.card import Card
from build_deck.model.corpus import Corpus
from build_deck.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """The corpus and the folder that it was read from."""

    corpus: Corpus
    root: Path


def place_of(card: Card, attribute: str) -> Span:
    """Where an attribute of the question line stands; the question itself when it is absent."""
    return next((span for name, span in card.attributes if name == attribute), card.question.span)
