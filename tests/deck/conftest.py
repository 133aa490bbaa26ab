"""A small checkout with every feature of a card, built once by the real stages, and what is done with its packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deck.sample import png

IMAGE = png(60)

TABLE = """sections:
  - id: transformer
    title: Transformer 与注意力
    topics:
      scale: [attn-scale, mha-kata]
  - id: inference
    title: 推理部署
    topics:
      cache: [kv-cache, flow]
"""

SCALE = r"""# 缩放

1) 为什么要除以 $\sqrt{d_k}$？ {#attn-scale kind=derivation core=true related=kv-cache}

- 标准答：$q\cdot k$ 的方差等于 $d_k$，除以 $\sqrt{d_k}$ 就回到 1；否则 $a<b$ 也会被压成 one-hot。
- 展开：
  $$\operatorname{Var}(q\cdot k)=\sum_{i=1}^{d_k}\operatorname{Var}(q_ik_i)=d_k$$

  | 缩放 | 方差 |
  | --- | --- |
  | 无 | $d_k$ |
  | 有 | 1 |
- 代码：量一量方差。

```python {#variance figure="缩放后方差与维度无关"}
import random
import matplotlib.pyplot as plt
random.seed(0)
dims, spread = (4, 16, 64), []
for d in dims:
    draws = [sum(random.gauss(0, 1) * random.gauss(0, 1) for _ in range(d)) for _ in range(3000)]
    spread.append(sum(x * x for x in draws) / len(draws) / d)
print(" ".join(f"{x:.2f}" for x in spread))
assert all(0.85 < x < 1.15 for x in spread)
fig, ax = plt.subplots()
ax.plot(dims, spread, label="缩放")
ax.set(xlabel="维度", ylabel="方差", ylim=(0, 2))
ax.legend()
```

```diff {.mutant of=variance name="忘了随维度增长"}
- / len(draws) / d
+ / len(draws)
```

- 追问：
  - 问：为什么不是除以 $d_k$？
    答：那样方差变成 $1/d_k$，softmax 接近均匀。 {#attn-scale-why}
  - 问：训练之后还成立吗？
    答：只保证初始化时的尺度。
- 反问点：贵团队监控 logits 吗？
- 坑位：
  - 错：“防止溢出。” 对：实现会先减最大值。
- 参考：Vaswani et al., *Attention Is All You Need*, §3.2.1, arXiv:1706.03762

2) 手撕：数值稳定的 softmax。 {#mha-kata kind=kata minutes=5}

- 标准答：先减去最大值，再取指数、归一化。
- 代码：

```python {.stub}
def softmax(xs: list[float]) -> list[float]:
    raise NotImplementedError
```

```python {.solution}
import math


def softmax(xs: list[float]) -> list[float]:
    top = max(xs)
    powers = [math.exp(x - top) for x in xs]
    return [p / sum(powers) for p in powers]
```

```python {.tests}
def test_sums_to_one():
    assert abs(sum(softmax([1.0, 2.0, 3.0])) - 1) < 1e-12

def test_large_inputs():
    assert softmax([1000.0, 1000.0]) == [0.5, 0.5]
```

```diff {.mutant name="没有归一化"}
- p / sum(powers)
+ p
```

- 追问：
  - 问：为什么减最大值不改变结果？
    答：分子分母同乘 $e^{-m}$。
  - 问：fp16 下还要注意什么？
    答：累加用 fp32。
- 坑位：
  - 错：直接 `exp`。 对：大输入会溢出。
"""

CACHE = """# 缓存

1) KV 缓存占多少显存？ {#kv-cache kind=concept}

- 标准答：与层数、头数、长度成正比，`<kv>` 两份。见图：

  ![占用](grey.png)
- 代码：算一算。

```python {#size}
layers, heads, width, length = 2, 4, 8, 16
size = 2 * layers * heads * width * length * 2
print(size, "字节，a < b，{{x}}")
assert size == 4096
```

```diff {.mutant of=size name="忘了 V"}
- 2 * layers
+ layers
```

- 追问：
  - 问：GQA 省多少？
    答：按组数的比例。
  - 问：量化呢？
    答：字节数减半。
- 坑位：
  - 错：只存 K。 对：K、V 都存。

2) 一次请求怎么走？ {#flow kind=concept}

- 标准答：先预填充，再逐个解码。
- 图示：两个阶段。

```mermaid {#stages caption="预填充与解码"}
flowchart LR
  A[请求] --> B[预填充]
  B --> C[解码]
```

- 追问：
  - 问：哪一步受带宽限制？
    答：解码。
  - 问：哪一步受算力限制？
    答：预填充。
- 坑位：
  - 错：两步一样快。 对：解码逐个出。
"""


@dataclass(frozen=True)
class Checkout:
    """One checkout; commands run in a process of their own, as a user's do."""

    root: Path

    def build(self, **surroundings: str) -> Path:
        """The package after `build`, which must succeed."""
        run = self.run("-m", "build_deck", "build", **surroundings)
        assert run.returncode == 0, run.stdout + run.stderr
        return next((self.root / "dist").glob("*.apkg"))

    def run(self, *arguments: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])} | surroundings
        command = [sys.executable, *arguments, "--root", str(self.root)]
        return subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False, timeout=250)

    def replace(self, old: str, new: str) -> None:
        """Edit the answer file that holds `old` exactly once."""
        (path,) = (path for path in (self.root / "source").rglob("*.md") if old in path.read_text("utf-8"))
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")

    def clone(self, to: Path) -> Checkout:
        """What git would hold, elsewhere: no state of a working copy, and no environment to run cells in."""
        for name in ("source", "figures", "requirements"):
            shutil.copytree(self.root / name, to / name)
        return Checkout(to)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Checkout:
    """Four questions and a promoted follow-up with their cells run; tests clone it and leave it alone."""
    root = tmp_path_factory.mktemp("checkout")
    for section, topic, text in (("transformer", "scale", SCALE), ("inference", "cache", CACHE)):
        (root / "source" / section).mkdir(parents=True)
        (root / "source" / section / f"{topic}.md").write_text(text, "utf-8")
    (root / "source" / "inference" / "grey.png").write_bytes(IMAGE.data)
    (root / "source" / "deck.yaml").write_text(TABLE, "utf-8")
    shutil.copytree(project / "requirements", root / "requirements")
    (root / ".envs").symlink_to(project / ".envs")
    checkout = Checkout(root)
    checkout.build()
    return checkout
