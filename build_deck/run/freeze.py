"""Frozen outcomes under `figures/<card>/`: read them, write them, and never trust a file whose digest is off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from build_deck.cells.protocol import Drawing
from build_deck.files import write_if_changed
from build_deck.model.card import Card
from build_deck.model.corpus import Corpus
from build_deck.run import record as records
from build_deck.run.ground import Ground
from build_deck.run.record import CellRecord, DamagedError, Record, text_digest

NAME = "record.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenCell:
    """One cell's record with the texts it vouches for."""

    record: CellRecord
    stdout: str
    drawings: tuple[Drawing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What is kept of one card; `damage` names what was found and cannot be trusted."""

    record: Record
    cells: Mapping[str, FrozenCell] = field(default_factory=dict)
    damage: tuple[str, ...] = ()


def read(card: str, ground: Ground) -> Frozen:
    """Everything sound that is frozen for `card`; an empty record when there is none."""
    folder = ground.figures(card)
    if folder.is_symlink() or (folder / NAME).is_symlink():
        return Frozen(record=Record(card=card), damage=(NAME,))
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Frozen(record=Record(card=card))
    except (OSError, UnicodeDecodeError):
        return Frozen(record=Record(card=card), damage=(NAME,))
    try:
        record = records.load(text, card)
    except DamagedError:
        return Frozen(record=Record(card=card), damage=(NAME,))
    cells: dict[str, FrozenCell] = {}
    damage: list[str] = []
    for name, entry in record.cells.items():
        try:
            cells[name] = _read_cell(folder, name, entry)
        except DamagedError as fault:
            damage.append(str(fault))
    return Frozen(record=record, cells=cells, damage=tuple(damage))


def write(frozen: Frozen, before: Frozen, ground: Ground) -> bool:
    """Freeze: texts, the record that vouches for them; drop what only `before` had. Whether a file changed."""
    folder = ground.figures(frozen.record.card)
    changed = False
    for name, cell in frozen.cells.items():
        if cell.stdout:
            changed |= _put(folder / f"{name}.txt", cell.stdout)
        for drawing in cell.drawings:
            changed |= _put(folder / f"{drawing.name}.svg", drawing.svg)
    # the same record may stand there in the words of an earlier version, whose fields were fewer
    if frozen.record != before.record:
        changed |= _put(folder / NAME, records.dump(frozen.record))
    for name in _files(before.record) - _files(frozen.record):
        (folder / name).unlink(missing_ok=True)
    return changed


def orphans(corpus: Corpus, ground: Ground) -> tuple[Path, ...]:
    """Files under `figures/` that no card, cell or diagram accounts for; sorted."""
    folder = ground.root / "figures"
    kept = {card.id: _kept(card, ground) for card in corpus.cards if card.id is not None}
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return tuple(path for path in files if path.name not in kept.get(path.parent.name, ()) or path.parents[1] != folder)


def remove(paths: Iterable[Path]) -> None:
    """Delete orphaned files and the folders that they leave empty."""
    for path in paths:
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def _kept(card: Card, ground: Ground) -> set[str]:
    assert card.id is not None
    names = {f"{diagram.id}.svg" for diagram in card.diagrams}
    ids = {cell.id for cell in card.cells}
    record = read(card.id, ground).record
    known = {name: cell for name, cell in record.cells.items() if name in ids}
    return names | _files(replace(record, cells=known)) if known else names


def _files(record: Record) -> set[str]:
    texts = {f"{name}.txt" for name, cell in record.cells.items() if cell.stdout}
    drawings = {f"{name}.svg" for cell in record.cells.values() for name, _ in cell.drawings}
    return {NAME, *texts, *drawings}


def _put(path: Path, text: str) -> bool:
    # a link would be written through, or pass for the file that it points to
    for each in (path.parent, path):
        if each.is_symlink():
            each.unlink()
    return write_if_changed(path, text)


def _read_cell(folder: Path, name: str, entry: CellRecord) -> FrozenCell:
    stdout = _read_text(folder / f"{name}.txt", entry.stdout)
    drawings = (Drawing(each, _read_text(folder / f"{each}.svg", digest)) for each, digest in entry.drawings)
    return FrozenCell(record=entry, stdout=stdout, drawings=tuple(drawings))


def _read_text(path: Path, digest: str) -> str:
    if not digest:
        return ""
    if path.is_symlink():
        raise DamagedError(path.name)
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as fault:
        raise DamagedError(path.name) from fault
    if text_digest(text) != digest:
        raise DamagedError(path.name)
    return text
