"""How well work is spread: two workers against one on equal cells, and a full verify of the shipped deck.

Both compare wall times of one run, one after the other in turns, and two bare processes beside them say what the
machine itself would give: on two busy cores nothing doubles.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from build_deck import run
from build_deck.cells.protocol import Interpreter, Job, Snippet
from build_deck.parse import corpus as parse
from build_deck.run.order import Order
from build_deck.run.schedule import EnginePool, spread

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, CELLS = 3, 6
HEAVY = "import torch\nx = torch.randn(700, 700)\nfor _ in range(60): x = torch.tanh(x @ x / 700)\nprint(x.shape)"
BARE = "import sys, torch\ntorch.set_num_threads(1)\nprint(flush=True)\nfor line in sys.stdin:\n    exec({!r}, {{}})"
LIMIT = 1800.0


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Wall seconds of the same cells, all rounds together."""

    one: float
    two: float
    bare_one: float
    bare_two: float


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A verify of the whole deck: cells and mutants, nothing written."""

    workers: int
    start: float
    """Wall seconds until every engine had started."""
    wall: float
    """After that."""
    computed: float
    """Seconds that cells and mutants spent in their own code, all workers together."""
    jobs: int
    problems: int

    @property
    def ratio(self) -> float:
        """Of the wall time to what workers that are never idle would need."""
        return self.wall / (self.computed / self.workers)


def compare() -> Spread:
    """In turns, so that what else the machine does falls on all alike."""
    settings = run.Ground.at(ROOT).interpreter("core")
    walls = [0.0, 0.0, 0.0, 0.0]
    with EnginePool() as pool:
        _start(pool, settings, 2)
        for _ in range(ROUNDS):
            for workers in (1, 2):
                began = time.monotonic()
                for _, report in spread([_order(settings, at, HEAVY) for at in range(CELLS)], pool, workers):
                    assert report.cells[0].status == "ok"
                walls[workers - 1] += time.monotonic() - began
                walls[workers + 1] += _bare(settings.python, workers)
    return Spread(one=walls[0], two=walls[1], bare_one=walls[2], bare_two=walls[3])


def verify(workers: int) -> Verified:
    """Execute every cell and mutant of the deck in this checkout again, with engines that have started."""
    ground = run.Ground.at(ROOT)
    corpus, _ = parse.load(ROOT, None)
    planned = run.plan(corpus, ground, everything=True)
    with EnginePool() as pool:
        began = time.monotonic()
        for env in planned.stale_envs:
            _start(pool, ground.interpreter(env), workers)
        start = time.monotonic() - began
        options = run.Options(policy=run.Policy(record_new=False), workers=workers, pool=pool)
        ended = [each for each in run.execute(planned, ground, options) if isinstance(each, run.Finished)]
        wall = time.monotonic() - began - start
    return Verified(
        workers=workers, start=start, wall=wall, computed=sum(each.computed for each in ended),
        jobs=len(ended) + sum(each.mutants[1] for each in ended), problems=sum(len(each.problems) for each in ended),
    )  # fmt: skip


def goals(found: Spread, verified: Verified | None) -> Iterator[tuple[str, bool]]:
    """Each goal in words, and whether this run met it."""
    speedup, bare = found.one / found.two, found.bare_one / found.bare_two
    # what two bare processes do not gain on this machine no scheduler can: said, not excused
    text = f"two workers: {speedup:.2f} × one on compute-bound cells (at least 1.70; two bare processes: {bare:.2f} ×)"
    yield text, speedup >= 1.7
    if verified is not None:
        ideal = verified.computed / verified.workers
        text = f"full verify, {verified.jobs} runs: {verified.wall:.0f} s after {verified.start:.0f} s of start"
        text += f" = {verified.ratio:.2f} × {verified.computed:.0f} s of cells ÷ {verified.workers} workers"
        yield f"{text} (at most 1.25)", verified.wall <= 1.25 * ideal


def measured(*, deck: bool) -> tuple[Spread, Verified | None]:
    """Both in processes of their own."""
    return Spread(**_apart("compare")), Verified(**_apart("verify")) if deck else None


def _apart(way: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.workers", way]
    ended = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=LIMIT)
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def _order(settings: Interpreter, at: int, source: str) -> Order:
    cells = Job(f"card-{at}", (Snippet("cell", source, "source/bench.md", 1, 300.0),))
    return Order(interpreter=settings, cells=cells, mutants=())


def _start(pool: EnginePool, settings: Interpreter, count: int) -> None:
    # long enough that each worker gets one, and so starts its engine
    list(spread([_order(settings, at, "import time\ntime.sleep(0.5)") for at in range(count)], pool, count))


def _bare(python: str, count: int) -> float:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen(
            [python, "-c", BARE.format(HEAVY)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        for _ in range(count)
    ]
    for each in started:
        assert each.stdout is not None
        each.stdout.readline()
    began = time.monotonic()
    for each in started:  # all of them first, then wait: they are to compute at the same time
        assert each.stdin is not None
        each.stdin.write(b"go\n" * (CELLS // count))
        each.stdin.close()
    for each in started:
        each.wait()
    return time.monotonic() - began


def main() -> int:
    """One measurement as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.workers")
    parser.add_argument("way", choices=("compare", "verify"))
    parser.add_argument("--count", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    found = compare() if options.way == "compare" else verify(options.count)
    print(json.dumps(dataclasses.asdict(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
