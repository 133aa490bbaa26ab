"""Where things lie below the project root."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths of one checkout; everything but `dist` and `build` is in git."""

    root: Path

    @property
    def source(self) -> Path:
        """Answer files, `deck.yaml`, the glossary and the ledger."""
        return self.root / "source"

    @property
    def figures(self) -> Path:
        """Frozen outputs, figures and records, one folder a card."""
        return self.root / "figures"

    @property
    def build(self) -> Path:
        """State of this working copy: memos and the mods of notes built here."""
        return self.root / ".build"

    @property
    def dist(self) -> Path:
        """What users get."""
        return self.root / "dist"

    @property
    def ledger(self) -> Path:
        """What was released: one line a note."""
        return self.source / "ledger.jsonl"

    def interpreter(self, env: str) -> Path:
        """The Python of a cell environment, whether or not it is installed yet."""
        windows = self.root / ".envs" / env / "Scripts" / "python.exe"
        return windows if windows.is_file() else self.root / ".envs" / env / "bin" / "python"
