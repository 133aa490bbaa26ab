"""Record keys: equal keys mean that running again would say the same. Captions, timeouts and tolerances enter none."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from build_deck.cells.protocol import PROTOCOL_VERSION
from build_deck.model.card import Cell, Mutant
from build_deck.run.ground import Ground
from build_deck.run.process import Process

RESULT = re.compile(r"""\bresult\(\s*["']([\w-]+)["']\s*\)""")


def cell_keys(process: Process, ground: Ground, results: Mapping[str, Any]) -> dict[str, str]:
    """The key of every cell: its code and that of the cells before it, what changes execution, declared inputs.

    Of `results`, which cells in other processes measured, those enter that a cell asks for by `result("id")`.
    """
    keys: dict[str, str] = {}
    before: list[Any] = [PROTOCOL_VERSION, process.name if process.is_stub else ""]
    for cell in process.cells:
        before.append(_execution(cell, ground, simulated=not process.lent))
        before += [[name, results.get(name)] for name in RESULT.findall(cell.source)]
        drawn = [process.card, cell.id, ground.style_digest] if cell.figure is not None else []
        keys[cell.id] = _digest([*before, drawn])
    return keys


def mutant_key(process: Process, mutant: Mutant, ground: Ground) -> str:
    """The key of one mutant's verdict: the whole process and the replacement."""
    parts = [_execution(cell, ground, simulated=True) for cell in process.cells]
    return _digest([PROTOCOL_VERSION, parts, mutant.of, mutant.old, mutant.new])


def _execution(cell: Cell, ground: Ground, *, simulated: bool) -> list[Any]:
    inputs = [[name, _file_digest(ground, name)] for name in cell.inputs]
    # what kernels mean on a CPU is said by the headers that they are built with
    inputs += [["kernels", ground.kernels_digest]] if simulated and cell.language == "cuda" else []
    return [cell.source, cell.language, cell.role.value, cell.env, sorted(cell.needs), cell.raises, cell.ready, inputs]


def _file_digest(ground: Ground, name: str) -> str:
    path = ground.root / name
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def _digest(parts: list[Any]) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
