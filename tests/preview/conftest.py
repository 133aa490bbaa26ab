"""A small checkout whose cards need no environment."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

TABLE = """sections:
  - id: transformer
    title: Transformer 与注意力
    topics:
      scale: [scale, shape]
"""

CARDS = """# 缩放

1) 为什么要除以根号？ {#scale kind=derivation}

- 标准答：方差随维度线性增长，除以它的平方根就回到 1。
- 追问：
  - 问：为什么不是除以维度？
    答：那样方差变成维度的倒数。 {#scale-why}

2) 形状怎么变？ {#shape kind=concept related=scale}

- 标准答：拆头之后是四维。

3) 还没有名字的题？

- 标准答：先写，后取名。
"""


@dataclass(frozen=True)
class Checkout:
    """One checkout."""

    root: Path

    @property
    def cards(self) -> Path:
        return self.root / "source" / "transformer" / "scale.md"

    @property
    def preview(self) -> Path:
        return self.root / "dist" / "preview"

    def replace(self, old: str, new: str) -> None:
        """Edit the answer file where `old` stands, which it must do exactly once."""
        text = self.cards.read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.cards.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path, project: Path) -> Checkout:
    """Three cards and a promoted follow-up."""
    root = tmp_path / "checkout"
    (root / "source" / "transformer").mkdir(parents=True)
    (root / "source" / "deck.yaml").write_text(TABLE, encoding="utf-8")
    shutil.copytree(project / "requirements", root / "requirements")
    made = Checkout(root)
    made.cards.write_text(CARDS, encoding="utf-8")
    return made
