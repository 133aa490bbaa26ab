"""What is known about a card's cells after `run`: the frozen outcomes that `render` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from build_deck.cells.protocol import Drawing, Toolchain


class Level(StrEnum):
    """How far a cell was verified, computed from what happened; order of definition is from strong to weak."""

    EXECUTED_GPU = "executed-gpu"
    EXECUTED_CPU = "executed-cpu"
    SIMULATED = "simulated"
    COMPILED = "compiled"
    STATIC = "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellEvidence:
    """One cell's frozen outcome."""

    cell: str
    status: str
    stdout: str
    drawings: tuple[Drawing, ...]
    level: Level
    env: str
    toolchain: Toolchain
    error: str = ""
    result: Any = None
    """JSON value that it handed on to later cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MutantVerdict:
    """Whether a recorded mutant was killed, and by what."""

    name: str
    of: str
    killed: bool
    by: str
    """`AssertionError in cell-id`, `tests.test_name`, or why the mutant is broken or survived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEvidence:
    """All frozen outcomes of one card."""

    card: str
    cells: Mapping[str, CellEvidence] = field(default_factory=dict)
    mutants: tuple[MutantVerdict, ...] = ()
    level: Level | None = None
    """The lowest level among the card's asserting cells; None when it has no cells."""
    digest: str = ""
    """SHA-256 of everything above, for the render cache."""
