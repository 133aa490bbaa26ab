"""Which content was released when, and so how new each note is: identity and modification times.

Reads no clock and no git. A released note keeps the time in its ledger line; anything else is newer than the
newest line by a small number that rises each time this working copy builds the note differently, so that an
import always updates exactly what was edited and two fresh clones build the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType, NoneType

from build_deck import ids
from build_deck.files import atomic_write, write_if_changed
from build_deck.model.note import FIELDS, Face, NoteType, RenderedNote, Stamp
from build_deck.model.problem import Problem
from build_deck.model.span import Span

_CELLS = FIELDS.index("Cells")

BIRTH = 1_767_225_600
"""The newest modification time before the first release: 2026-01-01 UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """What the newest release says about one note or note type."""

    id: str
    type: str
    """Note type of a note; empty for a note type."""
    guid: str
    hash: str
    mod: int
    since: str
    """Version that first carried it."""
    retired: str | None = None
    """Version that retired it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All released notes and note types by key."""

    lines: Mapping[str, LedgerLine] = field(default_factory=dict)

    @property
    def head(self) -> int:
        """The newest released modification time."""
        return max((line.mod for line in self.lines.values()), default=BIRTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """What this working copy built beyond the ledger, so that a second edit is newer than the first."""

    head: int
    """Head of the ledger that the counts are relative to; with another head they mean nothing."""
    seen: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """By key: digest of the newest build and its count n; the note's time is head + n."""


def guid(first_id: str) -> str:
    """Anki's identity of the note born as `first_id`: 16 ASCII characters, 96 bits."""
    digest = hashlib.sha256((ids.NAMESPACE + first_id).encode()).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()


def type_key(note_type: NoteType) -> str:
    """Ledger key of a note type; card ids have no colon."""
    return f"type:{note_type.value}"


def note_digest(note: RenderedNote) -> str:
    """Hash of what an import replaces: fields and tags, `Cells` as the JSON inside it.

    Two builds of zlib may pack the same JSON into different bytes, and that is no new content.
    """
    cells = note.fields[_CELLS]
    plain = zlib.decompress(base64.b64decode(cells)).decode() if cells else ""
    fields = (*note.fields[:_CELLS], plain, *note.fields[_CELLS + 1 :])
    return _digest(note.note_type.value, *fields, *sorted(note.tags))


def face_digest(face: Face) -> str:
    """Hash of what an import replaces in a note type, names and ids included."""
    identity = (ids.NOTE_TYPES[face.note_type], ids.FIELD_IDS[face.note_type], ids.TEMPLATE_IDS[face.note_type])
    return _digest(repr(identity), *FIELDS, face.front, face.back, face.css)


def stamp(key: str, digest: str, ledger: Ledger, drafts: Drafts) -> Stamp:
    """The modification time of this content; `drafts` must be relative to `ledger` (see `load_drafts`).

    A note put back to its released text is still newer than the draft that this working copy built before.
    """
    line, before = ledger.lines.get(key), drafts.seen.get(key)
    if before is None and line is not None and line.hash == digest:
        return Stamp(digest=digest, mod=line.mod)
    count = 1 if before is None else before[1] + (before[0] != digest)
    return Stamp(digest=digest, mod=drafts.head + count)


def next_drafts(stamps: Mapping[str, Stamp], drafts: Drafts) -> Drafts:
    """`drafts` after a build with these stamps; notes that this build lacks are remembered."""
    newer = {key: (item.digest, item.mod - drafts.head) for key, item in stamps.items() if item.mod > drafts.head}
    return Drafts(head=drafts.head, seen=MappingProxyType({**drafts.seen, **newer}))


def load_ledger(path: Path, name: str = "source/ledger.jsonl") -> tuple[Ledger, tuple[Problem, ...]]:
    """Read the ledger; a missing file is the empty ledger. `name` is the path that problems show.

    Problems: K101 unreadable line, K102 id twice, K103 guid that is not its id's.
    """
    if not path.is_file():
        return Ledger(), ()
    lines: dict[str, LedgerLine] = {}
    problems: list[Problem] = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        parsed = _parse_line(text)
        fault = ("K101", parsed) if isinstance(parsed, str) else _line_fault(parsed, lines)
        if fault is not None:
            hint = "the ledger is written by `release` only: restore the file from main"
            problems.append(Problem(code=fault[0], span=Span(name, number), text=fault[1], hint=hint))
        if isinstance(parsed, LedgerLine):
            lines.setdefault(parsed.id, parsed)
    return Ledger(lines=MappingProxyType(lines)), tuple(problems)


def write_ledger(path: Path, lines: Iterable[LedgerLine]) -> None:
    """Write the lines sorted by id, one JSON object each."""
    rows = (json.dumps(asdict(line), ensure_ascii=False) for line in sorted(lines, key=lambda line: line.id))
    atomic_write(path, "".join(f"{row}\n" for row in rows))


def load_drafts(path: Path, ledger: Ledger) -> Drafts:
    """Read what `save_drafts` wrote; missing, torn or older than the ledger is the same as a fresh clone."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["head"] == ledger.head:
            seen = {str(key): (str(digest), int(count)) for key, (digest, count) in data["seen"].items()}
            return Drafts(head=ledger.head, seen=MappingProxyType(seen))
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return Drafts(head=ledger.head)


def save_drafts(path: Path, drafts: Drafts) -> None:
    """Keep `drafts` for the next build; call it before the package is written, so that a time is never used twice."""
    write_if_changed(path, json.dumps({"head": drafts.head, "seen": dict(drafts.seen)}, indent=0, sort_keys=True))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _parse_line(text: str) -> LedgerLine | str:
    """The line, or why it is none."""
    try:
        data = json.loads(text)
    except ValueError as error:
        return f"not JSON: {error}"
    kinds: dict[str, type | tuple[type, ...]] = {"mod": int, "retired": (str, NoneType)}
    names = [item.name for item in fields(LedgerLine)]
    if not isinstance(data, dict) or sorted(data) != sorted(names):
        return f"a ledger line has exactly the keys {', '.join(names)}"
    wrong = [name for name in names if not isinstance(data[name], kinds.get(name, str))]
    return f"wrong kind of value for {', '.join(wrong)}" if wrong else LedgerLine(**data)


def _line_fault(line: LedgerLine, earlier: Mapping[str, LedgerLine]) -> tuple[str, str] | None:
    if line.id in earlier:
        return "K102", f"{line.id} stands in the ledger twice"
    if line.type and line.guid != guid(line.id):
        return "K103", f"{line.id} has the guid {line.guid}, but its own is {guid(line.id)}"
    return None
