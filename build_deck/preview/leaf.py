"""What the preview is made from: notes with what a reader may filter by, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from build_deck.model.note import Face, Media, RenderedNote
from build_deck.model.problem import Problem
from build_deck.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One note, and the facts about it that its fields show but do not name."""

    key: str
    """Its permalink: the id, or topic and number while it has none."""
    note: RenderedNote
    section: str
    topic: str
    depth: int
    depth_name: str
    kind: str
    level: str
    """How far its card was verified, in the words of the card; empty without cells."""
    core: bool
    parent: str
    """Key of the card that it follows up; empty for a card."""
    span: Span
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A whole preview."""

    version: str
    leaves: tuple[Leaf, ...]
    """In deck order, follow-ups after their parents."""
    faces: tuple[Face, ...]
    media: tuple[Media, ...]
    problems: tuple[Problem, ...] = ()
    """Those that belong to no card."""
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The values of a filter in the order in which they are offered; others follow in the order of the cards."""
