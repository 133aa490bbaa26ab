"""A deck whose cells do what cells may do: agree, differ, draw, flood, hang, fail, print markup, ask for a GPU."""

from __future__ import annotations

from pathlib import Path

from render_builders import card, cell, evidence, field, inputs, outcome

from build_deck.model.card import Kind, Label, Role
from build_deck.model.note import RenderedNote
from build_deck.render import faces, render_card
from tests.deck.sample import WorkingCopy

DRAW = """
import matplotlib.pyplot as plt
import torch

x = torch.linspace(0, 1, 5)
print("sum", round(float(x.sum()), 3))
fig, ax = plt.subplots()
ax.plot(x, x**2, label="平方")
ax.set(xlabel="输入", ylabel="输出")
ax.legend()
"""

HEAVY = """
import matplotlib.pyplot as plt
import random

plt.rcParams["path.simplify"] = False
for _ in range(4):
    fig, ax = plt.subplots()
    ax.plot([random.random() for _ in range(52_000)], linewidth=0.2)
print("drawn")
"""
"""Four figures of nearly the size that the engine lets pass."""

HIDDEN = "x = '\u202e\u2066'  # an order that is not that of the file\n\u3164 = print\n\u3164('a name of blanks')\n"

MARKUP = r"""
print("<script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'><b>bold</b>")
print("\x1b[2J\x1b[31mred\x1b[0m \x1b]0;title\x07 </samp></pre><iframe srcdoc='<script>top.pwned = 3</script>'>")
"""

FLOOD = 'for n in range(200_000):\n    print("line", n)\n'
GIGABYTE = 'line = "x" * 1_000_000\nfor n in range(1_000):\n    print(line)\n'
DRIP = 'import sys\nfor n in range(20_000):\n    print("x", end="", flush=True, file=(sys.stdout, sys.stderr)[n % 2])\n'
ENDLESS = 'import time\nprint("begun", flush=True)\nwhile True:\n    time.sleep(0.05)\n'
SLOW = 'import time\nfor n in range(8):\n    print("tick", n, flush=True)\n    time.sleep(0.2)\n'


def notes() -> tuple[RenderedNote, ...]:
    """One note per behaviour; the id says which. Each expects what its code prints, but for `differs`."""
    single = {
        "agrees": ('print("one", 0.5)\n', "one 0.5\n", {}),
        "differs": ('print("one")\nprint(3)\n', "one\n2\n", {}),
        "markup": (MARKUP, "", {}),
        "flood": (FLOOD, "", {}),
        "gigabyte": (GIGABYTE, "", {}),
        "drip": (DRIP, "x" * 10_000 + "\n", {}),
        "endless": (ENDLESS, "begun\n", {"timeout": 120.0}),
        "slow": (SLOW, "".join(f"tick {n}\n" for n in range(8)), {}),
        "overtime": (ENDLESS, "begun\n", {"timeout": 1.0}),
        "fails": ('print("before")\nassert 1 == 2, "not equal"\n', "before\n", {}),
        "gpu": ('print("gpu")\n', "gpu\n", {"needs": ("cuda",)}),
        "heavy": (HEAVY, "drawn\n", {"figure": "很多点", "timeout": 60.0}),
        "hidden": (HIDDEN, "", {}),
        "draws": (DRAW, "sum 2.5\n", {"figure": "平方"}),
        "evil": ('print("evil ran")\n', "", {}),
        "unknown": ('print("from elsewhere")\n', "", {}),
    }
    made = [_note(name, *parts) for name, parts in single.items()]
    return (*made, _kata())


def _note(name: str, source: str, printed: str, changes: dict[str, object]) -> RenderedNote:
    code = cell(source, id=name, **changes)
    made = card(f"{name}？", field(Label.ANSWER, "标准答。"), field(Label.CODE, "看代码：", code), id=name)
    (note,), problems = render_card(inputs(made, evidence(outcome(name, printed))))
    assert not problems
    return note


def _kata() -> RenderedNote:
    stub = cell("def double(x):\n    raise NotImplementedError\n", id="kata-stub", role=Role.STUB)
    solution = cell("def double(x):\n    return 2 * x\n", id="kata-solution", role=Role.SOLUTION)
    tests = cell("def test_two():\n    assert double(1) == 2\n", id="kata-tests", role=Role.TESTS)
    made = card(
        "手写加倍。", field(Label.ANSWER, "乘以二。"), field(Label.CODE, stub, solution, tests),
        id="kata", kind=Kind.KATA,
    )  # fmt: skip
    (note,), problems = render_card(inputs(made, evidence(outcome("kata-solution"), outcome("kata-tests"))))
    assert not problems
    return note


def package(root: Path) -> Path:
    """The deck, packed by the real stage with the real faces."""
    root.mkdir(parents=True, exist_ok=True)
    return WorkingCopy(root=root, faces=faces()).build(*notes())
