"""Write a release as an Anki package. The only module that knows genanki.

genanki dates everything with one clock and writes a zip with file times; here each note and note type carries its
own modification time, and the zip is ours. Nothing is checked here: `release` did.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import itertools
import json
import shutil
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

# genanki takes `cached_property` from a package that loads all of asyncio, nine tenths of the time that importing it
# takes; the standard library's does the same
sys.modules.setdefault("cached_property", functools)

import genanki  # noqa: E402

from build_deck import ids  # noqa: E402
from build_deck.model.note import FIELDS, Face, NoteType, Release, RenderedNote  # noqa: E402
from build_deck.pack.ledger import BIRTH, guid, type_key  # noqa: E402
from build_deck.pack.media import is_compressed  # noqa: E402

TEMPLATE = "卡片"
_SORT_FIELD = FIELDS.index("Question")
_ROOT_TEXT = "大模型面试题：每个答案都跑过。按顺序学，或只开需要的子牌组。"
_DATE = (1980, 1, 1, 0, 0, 0)
_SQLITE_VERSION = slice(96, 100)
"""Where a database names the library that wrote it; zeros there say unknown."""


class _Note(genanki.Note):  # type: ignore[misc]  # genanki has no annotations
    """A note with its own deck and modification time, and exactly one card."""

    def __init__(self, note: RenderedNote, model: _Model, place: tuple[int, int], mod: int) -> None:
        super().__init__(model=model, fields=list(note.fields), tags=note.tags, guid=guid(note.first_id))
        self._deck_id, self.due = place
        self._mod = mod

    @property
    def cards(self) -> list[genanki.Card]:
        return [genanki.Card(0)]

    def write_to_db(self, cursor: sqlite3.Cursor, timestamp: float, deck_id: int, id_gen: Iterator[int]) -> None:
        super().write_to_db(cursor, self._mod, self._deck_id, id_gen)

    def _check_invalid_html_tags_in_fields(self) -> None:
        # it takes code and maths for broken tags; K207 is the check that stops a build
        return


class _Model(genanki.Model):  # type: ignore[misc]
    """A note type with its own modification time; its one template needs the question and nothing else."""

    _req = ((0, "all", (_SORT_FIELD,)),)

    def __init__(self, face: Face, mod: int) -> None:
        model_id, name = ids.NOTE_TYPES[face.note_type]
        fields = [{"name": name, "id": key} for name, key in zip(FIELDS, ids.FIELD_IDS[face.note_type], strict=True)]
        template = {"name": TEMPLATE, "qfmt": face.front, "afmt": face.back, "id": ids.TEMPLATE_IDS[face.note_type]}
        super().__init__(model_id, name, fields, [template], css=face.css, sort_field_index=_SORT_FIELD)
        self._mod = mod

    def to_json(self, timestamp: float, deck_id: int) -> dict[str, Any]:
        return dict(super().to_json(self._mod, deck_id))


def pack(release: Release) -> bytes:
    """The package as bytes: entries sorted by name, constant dates, media numbered in the order of their names."""
    entries: dict[str, bytes | Path] = {str(number): item.data for number, item in enumerate(release.media)}
    names = {str(number): item.name for number, item in enumerate(release.media)}
    stored = {number for number, name in names.items() if is_compressed(name)}
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(buffer, "w") as archive:
        entries["collection.anki2"] = _write_collection(release, Path(folder) / "collection.anki2")
        entries["media"] = json.dumps(names).encode()
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as sink, _reader(entries[name]) as stream:
                shutil.copyfileobj(stream, sink, 1 << 20)
    return buffer.getvalue()


def _write_collection(release: Release, path: Path) -> Path:
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            # the file is thrown away when anything goes wrong, so it needs neither journal nor sync
            connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            package = genanki.Package(list(_decks(release)))
            package.write_to_db(connection.cursor(), BIRTH, itertools.count(BIRTH * 1000))
            connection.commit()
    except sqlite3.OperationalError as fault:  # SQLite has words of its own for a full disk
        raise OSError(errno.EIO, str(fault), str(path)) from fault
    with path.open("r+b") as stream:
        stream.seek(_SQLITE_VERSION.start)
        stream.write(bytes(4))
    return path


def _decks(release: Release) -> Iterator[genanki.Deck]:
    """Every deck of the tree, also those without a note; the root writes all notes, each into its own deck."""
    decks = {section: deck_id for deck_id, _, sections in ids.DECKS for section in sections}
    models = {face.note_type: _Model(face, release.stamps[type_key(face.note_type)].mod) for face in release.faces}
    for deck_id, name, sections in ids.DECKS:
        yield genanki.Deck(deck_id, f"{ids.DECK_ROOT}::{name}", f"包含：{'、'.join(sections)}")
    root = genanki.Deck(ids.DECK_ROOT_ID, ids.DECK_ROOT, _ROOT_TEXT)
    for note_type in NoteType:
        if note_type in models:
            root.add_model(models[note_type])
    for due, note in enumerate(release.notes, start=1):
        mod = release.stamps[note.first_id].mod
        root.add_note(_Note(note, models[note.note_type], (decks[note.section], due), mod))
    yield root


def _reader(entry: bytes | Path) -> BinaryIO:
    return io.BytesIO(entry) if isinstance(entry, bytes) else entry.open("rb")
