"""The `Cells` field of a note → records. The field comes with a deck, so everything about it is bounded and checked.

Refuses what is too large, too deep, or not what the pipeline writes; never runs anything.
"""

from dataclasses import dataclass
from typing import Tuple


class NoteError(ValueError):
    """The field is not one of ours; the message says why, in English, for the log."""


@dataclass(frozen=True)
class Cell:
    """One cell as the card carries it."""

    id: str
    role: str
    language: str
    source: str
    env: str
    timeout: float
    rtol: float
    atol: float
    compare: str
    needs: Tuple[str, ...] = ()
    raises: str = ""
    inputs: Tuple[str, ...] = ()
    ready: str = ""
    draws: bool = False
    stdout: str = ""
    recorded: bool = False
    """Whether `stdout` is what the pipeline saw it print."""
    level: str = ""


@dataclass(frozen=True)
class Card:
    """The cells of one card in order."""

    id: str
    cells: Tuple[Cell, ...]


def decode(field: str) -> Card:
    """The card in a `Cells` field. Raises NoteError."""
    raise NotImplementedError
