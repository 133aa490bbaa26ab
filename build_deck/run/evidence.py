"""What may be shown about a card: frozen outcomes that still speak for its cells, and nothing else."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping

from build_deck.model.card import Card, Role
from build_deck.model.corpus import Corpus
from build_deck.model.outcome import CardEvidence, CellEvidence, Level, MutantVerdict
from build_deck.run.freeze import FrozenCell, read
from build_deck.run.fresh import fresh_part
from build_deck.run.ground import Ground
from build_deck.run.process import processes
from build_deck.run.verdict import asserts

STRENGTH = tuple(Level)


def load_evidence(corpus: Corpus, ground: Ground) -> Mapping[str, CardEvidence]:
    """The evidence of every card that has cells, by card id."""
    cards = (card for card in corpus.cards if card.id is not None and card.cells)
    return {card.id or "": card_evidence(card, ground) for card in cards}


def card_evidence(card: Card, ground: Ground) -> CardEvidence:
    """The evidence of one card with an id; stale and damaged outcomes are left out."""
    assert card.id is not None
    if not processes(card):
        return CardEvidence(card=card.id, level=_level(card, {}), digest=f"static {len(card.cells)}")
    part = fresh_part(card, read(card.id, ground), ground)
    cells = {name: _cell(name, part.cells[name]) for name in sorted(part.cells)}
    verdicts = (
        MutantVerdict(name=each.name, of=each.of, killed=each.killed, by=each.by) for each in part.record.mutants
    )
    found = CardEvidence(card=card.id, cells=cells, mutants=tuple(verdicts), level=_level(card, cells))
    return dataclasses.replace(found, digest=_digest(found))


def _cell(name: str, frozen: FrozenCell) -> CellEvidence:
    record = frozen.record
    return CellEvidence(
        cell=name, status="ok", stdout=frozen.stdout, drawings=frozen.drawings, level=record.level,
        env=record.env, toolchain=record.toolchain, error=record.error, result=record.result,
    )  # fmt: skip


def _level(card: Card, cells: Mapping[str, CellEvidence]) -> Level | None:
    counted = [cell for cell in card.cells if cell.role is not Role.STUB]
    if not counted:
        return None
    claiming = [cell for cell in counted if asserts(cell)] or counted
    levels = [cells[cell.id].level if cell.id in cells else Level.STATIC for cell in claiming]
    return max(levels, key=STRENGTH.index)


def _digest(evidence: CardEvidence) -> str:
    text = json.dumps(dataclasses.asdict(evidence), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
