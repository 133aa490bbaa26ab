"""A card ready to be packed: rendered fields, media, place in the deck."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FIELDS = (
    "Id", "Question", "Context", "Stub", "Answer", "Detail", "Figure", "Evidence", "FollowUps", "Pitfalls",
    "AskBack", "References", "Meta", "Cells", "Spare1", "Spare2",
)  # fmt: skip
"""Names of the fields of every note type, in order; never changed after 1.0."""


class NoteType(StrEnum):
    """The three note types; an id never moves from one to another."""

    QUESTION = "question"
    FOLLOW_UP = "follow-up"
    KATA = "kata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One file of the package; the name carries a hash of the content."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One figure or diagram in its two inks; Anki shows `light` or `dark` by `.nightMode`."""

    light: Media
    dark: Media
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedNote:
    """One note: its fields in the order of FIELDS, its tags, where it lies and in which order it is learnt."""

    id: str
    first_id: str
    note_type: NoteType
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    section: str
    order: tuple[int, ...]
    """Sort key of new cards: core first, then section, topic, depth, place in the file."""
    media: tuple[str, ...] = ()
    """Names of the media that the fields mention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A note type's templates and stylesheet."""

    note_type: NoteType
    front: str
    back: str
    css: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Which content of a note or note type a package carries, and how new Anki takes it to be."""

    digest: str
    """SHA-256 over what an import would replace."""
    mod: int
    """Seconds since 1970; an import updates a note only when this is newer than what the learner has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Everything that goes into one package."""

    notes: tuple[RenderedNote, ...]
    """In the order in which new cards are learnt."""
    faces: tuple[Face, ...]
    media: tuple[Media, ...]
    """Sorted by name; each is mentioned by a note."""
    stamps: Mapping[str, Stamp]
    """By the key that the ledger knows: a note's first id, a note type's `type:question`."""
