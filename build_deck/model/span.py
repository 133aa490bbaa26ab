"""Where something stands in an answer file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a source file; lines and columns count from 1, columns count characters."""

    path: str
    """POSIX path relative to the project root."""
    line: int
    col: int = 1
    end_line: int = 0
    """Last line, inclusive; 0 when the span is a single place."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.col}"
