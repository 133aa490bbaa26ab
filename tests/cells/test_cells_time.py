"""A limit counts what a cell computes, so that a busy machine fails nobody; one that only waits ends later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from cell_jobs import Cells, snippet

from build_deck.cells.processes import cpu_of
from build_deck.cells.protocol import Interpreter
from build_deck.cells.runner import Engine
from build_deck.cells.session import WALL

pytestmark = pytest.mark.cells

LIMIT = 0.4
BUSY = "import os\nfor _ in range(3): os.fork()\nwhile True: pass"
"""Eight processes, which get their share of any machine long before the wall limit."""
WAITING = f"import time\ntime.sleep({1.7 * LIMIT})\nprint('done')"


@pytest.fixture(scope="module")
def spawned(interpreter: Callable[[bool], Interpreter]) -> Iterator[Cells]:
    with Engine(replace(interpreter(False), modules=(), spawn=True)) as engine:
        yield Cells(engine)


@pytest.fixture(params=["boxed", "plain", "spawned"])
def cells(request: pytest.FixtureRequest) -> Cells:
    found: Cells = request.getfixturevalue(request.param)
    return found


def test_what_a_cell_and_its_children_compute_counts(cells: Cells) -> None:
    ended = cells.one(BUSY, timeout=LIMIT)
    assert (ended.status, ended.error.partition(";")[0]) == ("timeout", "the cell computed for longer than its limit")


def test_waiting_does_not_count_until_the_wall_limit(cells: Cells) -> None:
    assert cells.one(WAITING, timeout=LIMIT).stdout == "done\n"
    began = time.monotonic()
    ended = cells.one("import time\ntime.sleep(99)", timeout=LIMIT)
    assert (ended.status, ended.error.partition(";")[0]) == ("timeout", "the cell waited for too long")
    assert WALL * LIMIT <= time.monotonic() - began < WALL * LIMIT + 3


def test_what_earlier_cells_computed_does_not_count(cells: Cells) -> None:
    work = f"import time\nwhile time.process_time() < {2 * LIMIT}: pass"
    ended = cells(snippet("work", work, timeout=60.0), snippet("wait", WAITING, timeout=LIMIT))
    assert [each.status for each in ended] == ["ok", "ok"]


def test_the_use_of_a_process_that_is_not_there_is_unknown() -> None:
    assert cpu_of(2**30, itself=True) is None
