"""`python -m tests.bench.addon`: from a press of ▶ to the first printed line, without a window; goal 250 ms when warm.

The add-on as it ships, unpacked; the core environment; the news for the page is taken every 30 ms, as the window does.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "addon"))

import staged  # noqa: E402
from cells_text import entry, field  # noqa: E402
from desks import Bench  # noqa: E402

TURN = 0.03
GOAL = 0.250
REPEATS = 20
FIRST = "import torch\nprint(float(torch.ones(3).sum()), flush=True)\n"
FLOOD = "for n in range(200_000):\n    print('line', n)\n"


def first_output(bench: Bench, source: str) -> float:
    """Seconds from the press to the first character that the page is given."""
    text = field(entry("c", source))
    bench.page.clear()
    began = time.perf_counter()
    answer = bench.approve("c", text)
    assert answer.kind == "started", answer
    while not bench.page.get("c"):
        time.sleep(TURN)
        bench.look()
    took = time.perf_counter() - began
    bench.finish()
    return took


def longest_turn(bench: Bench) -> float:
    """Seconds that the window's thread is kept at worst while a cell prints without end."""
    bench.approve("f", field(entry("f", FLOOD)))
    longest = 0.0
    while bench.desk.running:
        before = time.perf_counter()
        bench.look()
        longest = max(longest, time.perf_counter() - before)
        time.sleep(TURN)
    return longest


def rows(bench: Bench) -> Iterator[tuple[str, float]]:
    """Name and seconds."""
    yield "first output, nothing loaded", first_output(bench, FIRST)
    warm = [first_output(bench, FIRST) for _ in range(REPEATS)]
    yield f"first output, warm, median of {REPEATS}", statistics.median(warm)
    yield f"first output, warm, worst of {REPEATS}", max(warm)
    yield "longest turn of the window's thread in a print flood", longest_turn(bench)


def report() -> tuple[str, bool]:
    """The table as Markdown, and whether the goal is met."""
    lines, met = ["| The add-on's core | sandboxed, ms | plain, ms |", "|---|---:|---:|"], True
    with tempfile.TemporaryDirectory() as folder:
        package = staged.unpack(staged.build(ROOT, Path(folder)), Path(folder) / "addon")
        staged.load(package)
        python = str(ROOT / ".envs" / "core" / "bin" / "python")
        columns = []
        for sandbox in ("always", "off"):
            bench = Bench(staged.Core(), package, python=python, sandbox=sandbox)
            columns.append(list(rows(bench)))
            bench.desk.close()
        for (name, boxed), (_, plain) in zip(*columns, strict=True):
            lines.append(f"| {name} | {boxed * 1000:.1f} | {plain * 1000:.1f} |")
            met &= "median" not in name or max(boxed, plain) <= GOAL
    goal = f"- {'✓' if met else '✗'} the first line within {GOAL * 1000:.0f} ms of the press on a warm runner"
    return "\n".join([*lines, "", goal]), met


if __name__ == "__main__":
    said, within = report()
    print(said)
    sys.exit(0 if within else 1)
