"""A small checkout in a temporary folder, built by the real commands in the real core environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from build_deck.cli import main
from tests.small_checkout import SmallCheckout

CARDS = """# 缩放

1) 为什么要除以根号？ {#scale kind=derivation}

- 标准答：方差随维度线性增长，除以它的平方根就回到 1。
- 代码：量一量方差。

```python {#variance}
import random
random.seed(0)
draws = [sum(random.gauss(0, 1) * random.gauss(0, 1) for _ in range(64)) for _ in range(4000)]
ratio = sum(x * x for x in draws) / len(draws) / 64
print(f"方差与维度之比 {ratio:.2f}")
assert 0.9 < ratio < 1.1
```

```diff {.mutant of=variance name="忘了随维度增长"}
- / len(draws) / 64
+ / len(draws)
```

- 追问：
  - 问：为什么不是除以维度？
    答：那样方差变成维度的倒数，softmax 接近均匀。 {#scale-why}
  - 问：训练之后还成立吗？
    答：只保证初始化时的尺度。

2) 形状怎么变？ {#shape kind=concept}

- 标准答：拆头之后是四维。
- 代码：数一数。

```python {#count}
heads, width = 4, 32
print(f"每头 {width // heads} 维")
assert heads * (width // heads) == width
```

```diff {.mutant of=count name="多一个头"}
- heads * (width
+ (heads + 1) * (width
```
"""


@dataclass(frozen=True)
class Checkout(SmallCheckout):
    """One checkout and what the commands do to it."""

    @property
    def package(self) -> Path:
        return next((self.root / "dist").glob("proofdeck-*.apkg"))

    def line_of(self, fragment: str) -> int:
        """The line, from 1, on which the fragment stands."""
        return self.cards.read_text(encoding="utf-8").split(fragment)[0].count("\n") + 1

    def do(self, *command: str) -> Result:
        """Run one command; an exception other than an exit fails the test with its traceback."""
        return CliRunner().invoke(main, [*command, "--root", str(self.root)], catch_exceptions=False)


@pytest.fixture
def checkout(tmp_path: Path, project: Path) -> Checkout:
    """Two cards, the project's pins, the project's installed environments."""
    made = Checkout.make(tmp_path / "checkout", project, CARDS)
    (made.root / ".envs").symlink_to(project / ".envs")
    return made


@pytest.fixture
def slow(checkout: Checkout) -> Checkout:
    """Both cards sleep for minutes before they say anything."""
    for cell, first in (("variance", "import random\n"), ("count", "heads, width = 4, 32\n")):
        checkout.replace(first, f"import time\ntime.sleep(300)\n{first}")
        checkout.replace(f"{{#{cell}}}", f"{{#{cell} timeout=600}}")
    return checkout
