"""What may be shown about a card: frozen outcomes that still speak for its cells, and nothing else."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping

from build_deck.model.card import Card, Role
from build_deck.model.corpus import Corpus
from build_deck.model.outcome import CardEvidence, CellEvidence, Level, MutantVerdict
from build_deck.run.freeze import Frozen, FrozenCell, measured, read
from build_deck.run.ground import Ground
from build_deck.run.key import cell_keys, mutant_key
from build_deck.run.plan import is_fresh
from build_deck.run.process import mutated, processes
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
    frozen = read(card.id, ground)
    cells: dict[str, CellEvidence] = {}
    verdicts: list[MutantVerdict] = []
    for process in processes(card):
        requirements = ground.requirements.get(process.env, "")
        if not process.is_stub:
            keys = cell_keys(process, ground, measured(frozen))
            own = {cell.id: keys[cell.id] for cell in process.own}
            fresh = (name for name, key in own.items() if is_fresh(frozen.cells.get(name), key, requirements))
            cells |= {name: _cell(name, frozen.cells[name]) for name in fresh}
        for mutant in card.mutants:
            if not process.is_stub and mutated(process, mutant) is not None:
                verdicts += _verdict(mutant_key(process, mutant, ground), requirements, frozen)
    known = {name: cells[name] for name in sorted(cells)}
    found = CardEvidence(card=card.id, cells=known, mutants=tuple(verdicts), level=_level(card, known))
    return dataclasses.replace(found, digest=_digest(found))


def _cell(name: str, frozen: FrozenCell) -> CellEvidence:
    record = frozen.record
    return CellEvidence(
        cell=name, status="ok", stdout=frozen.stdout, drawings=frozen.drawings, level=record.level,
        env=record.env, toolchain=record.toolchain, error=record.error, result=record.result,
    )  # fmt: skip


def _verdict(key: str, requirements: str, frozen: Frozen) -> list[MutantVerdict]:
    found = (each for each in frozen.record.mutants if (each.key, each.requirements) == (key, requirements))
    return [MutantVerdict(name=each.name, of=each.of, killed=each.killed, by=each.by) for each in found]


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
