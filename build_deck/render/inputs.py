"""Everything that the rendering of one card depends on, and the key under which its result may be remembered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from build_deck.model.card import Card
from build_deck.model.note import Media, Picture
from build_deck.model.outcome import CardEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a card stands in the deck; positions count from 0."""

    section_id: str
    section_title: str
    topic_title: str
    section: int
    topic: int
    card: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInputs:
    """One card with all that is shown on its notes. `render_card` is a pure function of this."""

    card: Card
    place: Place
    evidence: CardEvidence | None = None
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    """By `<cell-id>/<drawing-name>` or `<diagram-id>`."""
    images: Mapping[str, Media] = field(default_factory=dict)
    """By the `src` written in the Markdown."""
    questions: Mapping[str, str] = field(default_factory=dict)
    """Question text, as Markdown, of the ids in `related` and `use`."""


def cache_key(inputs: CardInputs) -> str:
    """Equal keys render equally. Source lines do not enter; the place does, since notes carry their order."""
    card, place, evidence = inputs.card, inputs.place, inputs.evidence
    shown = [card.id, card.digest, card.group, card.topic]
    where = [place.section_id, place.section_title, place.topic_title, place.section, place.topic, place.card]
    drawn = sorted([key, each.light.name, each.dark.name, each.alt] for key, each in inputs.pictures.items())
    stored = sorted([src, media.name] for src, media in inputs.images.items())
    linked = [[key, inputs.questions.get(key, "")] for key in (*card.related, card.use or "")]
    parts = [shown, where, evidence.digest if evidence else "", drawn, stored, linked]
    return "render:" + hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
