"""Rendered notes and faces of the tests' own, so that packing is tested without the stages before it."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from build_deck.ids import TAG_ROOT
from build_deck.model.note import FIELDS, Face, Media, NoteType, Release, RenderedNote
from build_deck.model.problem import Problem
from build_deck.model.span import Span
from build_deck.pack import (
    Books,
    Ledger,
    Parts,
    assemble,
    load_drafts,
    load_ledger,
    next_drafts,
    save_drafts,
    write_package,
)

NOW = 1_795_000_000
FRONT = '<div class="q">{{Question}}</div>{{#Stub}}<pre>{{Stub}}</pre>{{/Stub}}'
BACK = '{{FrontSide}}<hr id="answer">{{Answer}}{{#Figure}}<figure>{{Figure}}</figure>{{/Figure}}'
CSS = ".card { font-size: 20px } .nightMode .q { color: #eee }"
FACES = tuple(Face(note_type=kind, front=FRONT, back=BACK, css=CSS) for kind in NoteType)


def note(
    name: str, *, kind: NoteType = NoteType.QUESTION, place: int = 0, was: str | None = None, **texts: str
) -> RenderedNote:
    """A note whose fields are those of `texts`; the question and the answer have a default."""
    fields = {"Id": name, "Question": f"第 {place} 题：{name}？", "Answer": "<p>标准答</p>", **texts}
    return RenderedNote(
        id=name,
        first_id=was or name,
        note_type=kind,
        fields=tuple(fields.get(key, "") for key in FIELDS),
        tags=(f"{TAG_ROOT}::主题::推理", f"{TAG_ROOT}::难度::2"),
        section="inference",
        order=(1, place),
    )


def edited(original: RenderedNote, **texts: str) -> RenderedNote:
    """The same note with other texts in these fields."""
    pairs = zip(FIELDS, original.fields, strict=True)
    return replace(original, fields=tuple(texts.get(key, old) for key, old in pairs))


def png(shade: int) -> Media:
    """A grey image whose name carries its content's hash."""
    rows = b"".join(b"\x00" + bytes([shade]) * 8 for _ in range(8))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data)) for tag, data in parts
    )
    data = b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
    return Media(name=f"proofdeck-{hashlib.sha256(data).hexdigest()[:12]}.png", data=data)


def parts(notes: Iterable[RenderedNote], media: Iterable[Media] = (), faces: tuple[Face, ...] = FACES) -> Parts:
    """Everything a release is made of; note number n stands in line n + 1 of one file."""
    listed = tuple(notes)
    spans = {item.id: Span("source/inference/kv-cache.md", line) for line, item in enumerate(listed, start=1)}
    return Parts(notes=listed, faces=faces, media=tuple(media), spans=spans)


@dataclass(frozen=True, kw_only=True)
class WorkingCopy:
    """A folder with a ledger and the state of earlier builds, as `build` uses them."""

    root: Path
    now: int = NOW
    media: tuple[Media, ...] = ()
    faces: tuple[Face, ...] = FACES
    problems: list[Problem] = field(default_factory=list)

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.jsonl"

    @property
    def package(self) -> Path:
        return self.root / "deck.apkg"

    def assemble(self, *notes: RenderedNote) -> tuple[Release, tuple[Problem, ...]]:
        ledger, faults = load_ledger(self.ledger)
        drafts = load_drafts(self.root / "drafts.json", ledger)
        release, problems = assemble(
            parts(notes, self.media, self.faces), Books(ledger=ledger, drafts=drafts, now=self.now)
        )
        if not problems:
            save_drafts(self.root / "drafts.json", next_drafts(release.stamps, drafts))
        return release, (*faults, *problems)

    def build(self, *notes: RenderedNote) -> Path:
        """The package of these notes; fails the test on any problem."""
        release, problems = self.assemble(*notes)
        assert not problems, [str(problem) for problem in problems]
        write_package(release, self.package)
        return self.package


def books(ledger: Ledger, now: int = NOW) -> Books:
    """The books of a fresh clone with this ledger."""
    return Books(ledger=ledger, drafts=load_drafts(Path("does/not/exist"), ledger), now=now)
