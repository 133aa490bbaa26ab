"""The `Cells` field: what the add-on needs to run a card's cells, shown by no template.

Anki normalises Unicode and line ends in fields; packed like this, sources survive to the byte.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from build_deck.model.card import Card, Cell, Role
from build_deck.model.outcome import CardEvidence

VERSION = 1


def encode(card: Card, evidence: CardEvidence | None) -> str:
    """base64(zlib(canonical JSON)); empty when nothing of the card can run."""
    cells = [_entry(cell, evidence) for cell in card.cells if cell.role is not Role.STATIC]
    if not cells:
        return ""
    document = {"version": VERSION, "card": card.id, "cells": cells, "mutants": _mutants(card)}
    payload = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(payload, 9)).decode("ascii")


def decode(text: str) -> dict[str, Any]:
    """The document that `encode` packed. Raises ValueError or zlib.error on anything else."""
    document = json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
    if not isinstance(document, dict):
        raise ValueError("not a Cells document")
    return document


def _entry(cell: Cell, evidence: CardEvidence | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": cell.id, "role": cell.role.value, "language": cell.language, "source": cell.source, "env": cell.env,
        "timeout": cell.timeout, "rtol": cell.rtol, "atol": cell.atol, "compare": cell.compare,
    }  # fmt: skip
    optional = {"needs": list(cell.needs), "raises": cell.raises, "inputs": list(cell.inputs), "ready": cell.ready,
                "figure": cell.figure}  # fmt: skip
    entry.update({name: value for name, value in optional.items() if value})
    outcome = evidence.cells.get(cell.id) if evidence is not None else None
    if outcome is not None:
        entry |= {"stdout": outcome.stdout, "level": outcome.level.value}
        entry |= {"result": outcome.result} if outcome.result is not None else {}
    return entry


def _mutants(card: Card) -> list[dict[str, str]]:
    return [{"name": each.name, "of": each.of, "old": each.old, "new": each.new} for each in card.mutants]
