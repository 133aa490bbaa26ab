"""A checkout with one answer file, for tests that run the real commands on it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TABLE = """sections:
  - id: transformer
    title: Transformer 与注意力
    topics:
      scale: [scale, shape]
"""


@dataclass(frozen=True)
class SmallCheckout:
    """One checkout and what is done to it."""

    root: Path

    @classmethod
    def make(cls, root: Path, project: Path, cards: str) -> Self:
        """`cards` as its answer file, under the project's pins."""
        (root / "source" / "transformer").mkdir(parents=True)
        (root / "source" / "deck.yaml").write_text(TABLE, encoding="utf-8")
        shutil.copytree(project / "requirements", root / "requirements")
        made = cls(root)
        made.cards.write_text(cards, encoding="utf-8")
        return made

    @property
    def cards(self) -> Path:
        return self.root / "source" / "transformer" / "scale.md"

    def replace(self, old: str, new: str) -> None:
        """Edit the answer file where `old` stands, which it must do exactly once."""
        text = self.cards.read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.cards.write_text(text.replace(old, new), encoding="utf-8")
