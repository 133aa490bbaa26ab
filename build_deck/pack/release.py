"""Put rendered notes, faces and media together into a release, or say why they must not be shipped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from build_deck import ids
from build_deck.files import write_if_changed
from build_deck.memo import Memo
from build_deck.model.note import Face, Media, NoteType, Release, RenderedNote, Stamp
from build_deck.model.problem import Problem
from build_deck.model.span import Span
from build_deck.pack.fields import NoteFacts, examine
from build_deck.pack.ledger import Drafts, Ledger, face_digest, note_digest, stamp, type_key
from build_deck.pack.media import gather, missing

_LEDGER = Span("source/ledger.jsonl", 1)
_DECK = Span("source/deck.yaml", 1)
_SECTIONS = frozenset(section for _, _, sections in ids.DECKS for section in sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the stages before made."""

    notes: tuple[RenderedNote, ...]
    faces: tuple[Face, ...]
    media: Iterable[Media]
    spans: Mapping[str, Span]
    """Where the note with this id stands in the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What was built and released before."""

    ledger: Ledger
    drafts: Drafts
    now: int
    """Seconds since 1970, to refuse times in the future; enters no output."""


def assemble(parts: Parts, books: Books, memo: Memo | None = None) -> tuple[Release, tuple[Problem, ...]]:
    """Order the notes, date them and check the whole; pack the release only when no problem is an error.

    Problems: K104 time in the future, K001 card without id, K202 duplicate guid, K203 changed note type, K204
    released id gone, K206 to K208 see `examine`, K209 section without a deck, K301 to K302 see `gather`, K303
    missing media.
    """
    faces = {face.note_type: face for face in parts.faces}
    available, problems = gather(parts.media)
    ordered = sorted(parts.notes, key=lambda note: (note.order, note.id))
    notes = tuple(note for note in ordered if note.first_id)
    stamps = _stamps(notes, parts.faces, books)
    births = Counter(note.first_id for note in notes)
    used: set[str] = set()
    found = list(problems)
    for note in ordered:
        span = parts.spans.get(note.id, _DECK)
        if not note.first_id:
            found.append(_nameless(note, span))
            continue
        facts = _facts(note, faces, stamps, memo)
        used.update(note.media, facts.media)
        found += (Problem(code=code, span=span, text=text, hint=hint) for code, text, hint in facts.faults)
        found += _place_problems(note, facts, available, span)
        found += _identity_problems(note, births[note.first_id], books.ledger, span)
    found += (*_gone(births, books.ledger), *_future(stamps, books))
    media = tuple(available[name] for name in sorted(used & available.keys()))
    return Release(notes=notes, faces=parts.faces, media=media, stamps=MappingProxyType(stamps)), tuple(found)


def package_bytes(release: Release) -> bytes:
    """The release as an `.apkg`: the same bytes whatever the date, locale, time zone, folder and hash seed."""
    from build_deck.pack.apkg import pack  # noqa: PLC0415  (loads genanki, a tenth of a second)

    return pack(release)


def write_package(release: Release, path: Path) -> int:
    """Write the `.apkg` atomically, unless the file holds exactly that already; returns its size in bytes."""
    data = package_bytes(release)
    write_if_changed(path, data)
    return len(data)


def _stamps(notes: tuple[RenderedNote, ...], faces: tuple[Face, ...], books: Books) -> dict[str, Stamp]:
    digests = {type_key(face.note_type): face_digest(face) for face in faces}
    digests |= {note.first_id: note_digest(note) for note in notes}
    return {key: stamp(key, digest, books.ledger, books.drafts) for key, digest in digests.items()}


def _facts(
    note: RenderedNote, faces: Mapping[NoteType, Face], stamps: Mapping[str, Stamp], memo: Memo | None
) -> NoteFacts:
    face = faces[note.note_type]
    if memo is None:
        return examine(note, face)
    key = f"pack:{note.id}:{stamps[note.first_id].digest}:{stamps[type_key(note.note_type)].digest}"
    facts: NoteFacts | None = memo.get(key)
    if facts is None:
        memo.put(key, facts := examine(note, face))
    return facts


def _nameless(note: RenderedNote, span: Span) -> Problem:
    text = f"a question without an id: {note.fields[1][:40]}"
    return Problem(code="K001", span=span, text=text, hint="write {#id} at the end of its line")


def _place_problems(
    note: RenderedNote, facts: NoteFacts, available: Mapping[str, Media], span: Span
) -> Iterator[Problem]:
    if note.section not in _SECTIONS:
        text = f"{note.id}: no deck holds the section {note.section}"
        yield Problem(code="K209", span=span, text=text, hint="sections and decks never change: see build_deck/ids.py")
    for name in missing(note, facts.media, available):
        yield Problem(code="K303", span=span, text=f"{note.id} shows {name}, which is not in the package")


def _identity_problems(note: RenderedNote, births: int, ledger: Ledger, span: Span) -> Iterator[Problem]:
    if births > 1:
        text = f"{births} notes are {note.first_id} and would share one guid"
        yield Problem(code="K202", span=span, text=text, hint="give one of them another id (or take back its was=)")
    line = ledger.lines.get(note.first_id)
    if line is not None and line.type != note.note_type.value:
        text = f"{note.id} was released as {line.type} and is now {note.note_type.value}"
        yield Problem(code="K203", span=span, text=text, hint="retire it and give the new question a new id")


def _gone(births: Mapping[str, int], ledger: Ledger) -> Iterator[Problem]:
    for key, line in ledger.lines.items():
        if line.type and key not in births and line.retired is None:
            text = f"{key} was released in {line.since} and is gone"
            hint = "keep its text with retired=VERSION, or write was= where it was renamed"
            yield Problem(code="K204", span=_LEDGER, text=text, hint=hint)


def _future(stamps: Mapping[str, Stamp], books: Books) -> Iterator[Problem]:
    newest = max(stamps.values(), key=lambda item: item.mod, default=None)
    if newest is not None and newest.mod > books.now:
        text = f"a note would be dated {newest.mod - books.now} s in the future and block every later update"
        yield Problem(code="K104", span=_LEDGER, text=text, hint="set the clock, or repair the times in the ledger")
