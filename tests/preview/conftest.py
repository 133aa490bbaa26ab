"""A small checkout whose cards need no environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.small_checkout import SmallCheckout

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
class Checkout(SmallCheckout):
    """One checkout."""

    @property
    def preview(self) -> Path:
        return self.root / "dist" / "preview"


@pytest.fixture
def checkout(tmp_path: Path, project: Path) -> Checkout:
    """Three cards and a promoted follow-up."""
    return Checkout.make(tmp_path / "checkout", project, CARDS)
