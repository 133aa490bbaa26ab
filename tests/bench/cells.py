"""`python -m tests.bench.cells`: what isolation costs. 40 cells in one process, forked, sandboxed, and as peers.

A quarter of the cells draw a figure. CPU seconds of whole process trees, without the start; overhead is what a way
costs beyond running the same cells one after another in one warm process.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from build_deck.cells.protocol import Interpreter, Job, Snippet
from build_deck.cells.runner import Engine, outcomes
from tests.bench import workers
from tests.bench.measure import Cost, measure

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".build" / "bench"
DRAW = ROOT / "build_deck" / "draw"
CORE = ROOT / ".envs" / "core" / "bin" / "python"
COUNT, FEW, REPEATS = 40, 4, 3
LIMIT = 600.0

PLAIN = """
import torch
torch.manual_seed({0})
q, k, v = torch.randn(16, 64), torch.randn(16, 64), torch.randn(16, 64)
p = (q @ k.T / 64**0.5).softmax(-1)
print(p.shape, round(float(p.sum()), 3), round(float((p @ v).pow(2).mean()), 3))
"""
FIGURE = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.imshow(p.numpy())
ax.set_title("注意力权重")
"""


def source(number: int) -> str:
    """One small cell; every fourth one draws."""
    return PLAIN.format(number) + (FIGURE if number % 4 == 0 else "")


def interpreter(*, sandboxed: bool) -> Interpreter:
    """The core environment with the deck's figure style."""
    font = DRAW / "fonts" / "NotoSansCJKsc-subset.otf"
    return Interpreter(str(CORE), style=str(DRAW / "figure.mplstyle"), font=str(font), sandboxed=sandboxed)


def job(number: int) -> Job:
    """A card with one cell."""
    snippet = Snippet("cell", source(number), "source/bench.md", 1, 60.0, draws=number % 4 == 0)
    return Job(f"card-{number}", (snippet,))


def forked(count: int, *, sandboxed: bool) -> None:
    """Each cell in a child of the preloaded server; prints the CPU seconds of the start and of the cells."""
    with Engine(interpreter(sandboxed=sandboxed)) as engine:
        assert outcomes(engine.run(job(1)))[0].status == "ok"
        started = _tree()
        for number in range(count):
            assert outcomes(engine.run(job(number)))[0].status == "ok"
        print(json.dumps([started, _tree() - started]))


def _tree() -> float:
    """CPU seconds of this process and everything below it; the kernel's accounts of children do not cross a sandbox."""
    stats = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            stats[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    mine = {os.getpid()}
    while more := {pid for pid, (parent, _) in stats.items() if parent in mine} - mine:
        mine |= more
    return sum(stats[pid][1] for pid in mine) / os.sysconf("SC_CLK_TCK")


IN_PROCESS = """
import contextlib, io, sys
sys.path.insert(0, sys.argv[1])
from build_deck.cells.preload import preload
from build_deck.cells.protocol import Interpreter
preload(Interpreter("", style=sys.argv[2], font=sys.argv[3]))
import json, time, matplotlib.pyplot as plt
started = time.process_time()
for text in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, "cell", "exec"), {})
    for number in plt.get_fignums():
        plt.figure(number).savefig(io.BytesIO(), format="svg", metadata={"Date": None})
    plt.close("all")
print(json.dumps([started, time.process_time() - started]))
"""

KERNEL = """
import json, sys, nbformat
from nbclient import NotebookClient
for text in json.load(sys.stdin):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text)])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "python3", "language": "python"}
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
"""


def in_process() -> list[str]:
    """The cells one after another in one warm process: what they cost by themselves."""
    font = DRAW / "fonts" / "NotoSansCJKsc-subset.otf"
    return [str(CORE), "-c", IN_PROCESS, str(ROOT), str(DRAW / "figure.mplstyle"), str(font)]


def scripts(count: int) -> Cost:
    """`python cell.py`, once for each cell."""
    lines = []
    for number in range(count):
        (HOME / f"cell{number}.py").write_text(source(number) + "\nimport matplotlib.pyplot as plt\n", "utf-8")
        lines.append(f"{CORE} cell{number}.py")
    return measure(["/bin/sh", "-ec", "\n".join(["export OMP_NUM_THREADS=1 MPLBACKEND=Agg", *lines])], HOME, LIMIT)


def kernels(count: int) -> Cost:
    """One Jupyter kernel for each cell, started by nbclient."""
    folder = HOME / "jupyter"
    if not (folder / "bin" / "jupyter").exists():
        venv.create(folder, with_pip=True)
        pip = [folder / "bin" / "pip", "install", "-q", "nbclient", "ipykernel"]
        if subprocess.run(pip, check=False, capture_output=True).returncode:
            return Cost(cpu=0, wall=0, peak=0, failure="nbclient does not install")
        site = next((folder / "lib").glob("python3*/site-packages"))
        (site / "core.pth").write_text(str(next((CORE.parents[1] / "lib").glob("python3*/site-packages"))))
    return _fed([str(folder / "bin" / "python"), "-c", KERNEL], count)


def _fed(command: list[str], count: int) -> Cost:
    cells = HOME / "cells.json"
    cells.write_text(json.dumps([source(number) for number in range(count)]), "utf-8")
    script = '"$@" < cells.json'
    return measure(
        ["/usr/bin/env", "OMP_NUM_THREADS=1", "MPLBACKEND=Agg", "/bin/sh", "-c", script, "sh", *command], HOME, LIMIT
    )


def _timed(command: list[str]) -> tuple[float, float]:
    """CPU seconds of the start and of COUNT cells, as the process tells them: the median of REPEATS by the latter."""
    given = json.dumps([source(number) for number in range(COUNT)])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    told = []
    for _ in range(REPEATS):
        ended = subprocess.run(
            command, cwd=ROOT, check=True, capture_output=True, text=True, input=given, env=environment
        )
        told.append(json.loads(ended.stdout.splitlines()[-1]))
    start, cells = sorted(told, key=lambda pair: float(pair[1]))[REPEATS // 2]
    return start, cells


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of running cells, and what it costs for each of them."""

    name: str
    per_cell: float
    """CPU milliseconds."""
    start: float
    """CPU seconds before the first cell."""
    failure: str = ""


def ways(*, peers: bool) -> Iterator[Way]:
    """Every way, measured one after the other."""
    ours = [sys.executable, "-m", "tests.bench.cells", "--way"]
    for name, command in (
        ("one process, no isolation", in_process()),
        ("fork server", [*ours, "forked"]),
        ("fork server, sandboxed", [*ours, "sandboxed"]),
    ):
        start, cells = _timed(command)
        yield Way(name=name, per_cell=cells / COUNT * 1000, start=start)
    if peers:
        yield _peer("python cell.py", FEW, scripts)
        yield _peer("a Jupyter kernel per card", FEW, kernels)


def _peer(name: str, count: int, run: Callable[[int], Cost]) -> Way:
    empty, full = run(0), run(count)
    per_cell = (full.cpu - empty.cpu) / count * 1000
    return Way(name=name, per_cell=per_cell, start=empty.cpu, failure=empty.failure or full.failure)


def table(found: list[Way]) -> str:
    """The ways as Markdown; overhead is beyond the first row."""
    lines = ["| | start, CPU s | per card, CPU ms | overhead, ms | × fork server |", "|---|---:|---:|---:|---:|"]
    own, server = found[0].per_cell, found[1].per_cell
    for way in found:
        numbers = f"{way.per_cell:.0f} | {way.per_cell - own:.0f} | {way.per_cell / server:.1f}"
        lines.append(f"| {way.name} | {way.start:.1f} | {way.failure or numbers} |")
    return "\n".join(lines)


def goals(found: list[Way]) -> Iterator[tuple[str, bool]]:
    """Each goal in words, and whether this run met it."""
    by_name = {way.name: way.per_cell for way in found if not way.failure}
    own, server = found[0].per_cell, by_name["fork server"]
    for name, bound in (("fork server", 40), ("fork server, sandboxed", 60)):
        overhead = by_name[name] - own
        yield f"{name}: {overhead:.0f} ms of CPU per card beyond the cells (at most {bound})", overhead <= bound
    for name, bound in (("python cell.py", 80), ("a Jupyter kernel per card", 100)):
        if name in by_name:
            ratio = (by_name[name] - own) / (server - own)
            yield f"{name}: {ratio:.0f} × the overhead of the fork server (at least {bound})", ratio >= bound


def report(*, peers: bool, deck: bool) -> tuple[str, bool]:
    """Measure everything about cells: Markdown, and whether every goal is met; `deck` verifies the shipped one."""
    HOME.mkdir(parents=True, exist_ok=True)
    found = list(ways(peers=peers))
    met = [*goals(found), *workers.goals(*workers.measured(deck=deck))]
    text = "\n".join([table(found), "", *(f"- {'✓' if done else '✗'} {goal}" for goal, done in met)])
    return text, all(done for _, done in met)


def main() -> int:
    """Measure, print, and fail when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cells")
    parser.add_argument("--way", choices=("forked", "sandboxed"), help="one measured process")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-deck", action="store_true", help="do not verify the shipped deck")
    parser.add_argument("--out", type=Path, default=HOME / "cells.md")
    options = parser.parse_args()
    if options.way:
        forked(COUNT, sandboxed=options.way == "sandboxed")
        return 0
    text, met = report(peers=not options.no_peers, deck=not options.no_deck)
    print(text)
    options.out.write_text(text + "\n", "utf-8")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
