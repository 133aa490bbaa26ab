"""A limit counts what a cell computes, so that a busy machine fails nobody; one that only waits gets no such time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from cell_jobs import Cells, snippet

from build_deck.cells.processes import use_of
from build_deck.cells.protocol import Interpreter
from build_deck.cells.runner import Engine
from build_deck.cells.session import IDLE, WALL

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


def test_waiting_ends_soon_after_the_limit(cells: Cells) -> None:
    assert cells.one(WAITING, timeout=LIMIT).stdout == "done\n"
    began = time.monotonic()
    ended = cells.one("import time\ntime.sleep(99)", timeout=4.0)
    assert (ended.status, ended.error.partition(";")[0]) == ("timeout", "the cell waited for too long")
    assert 4.0 + IDLE <= time.monotonic() - began < 4.0 + IDLE + 2


def test_one_that_is_not_given_the_processor_has_until_the_wall_limit(boxed: Cells, hogged: int) -> None:
    began = time.monotonic()
    ended = boxed.one(f"import os\nos.sched_setaffinity(0, {{{hogged}}})\nos.nice(19)\nwhile True: pass", timeout=1.0)
    assert (ended.status, ended.error.partition(";")[0]) == ("timeout", "the cell waited for too long")
    assert time.monotonic() - began >= WALL * 1.0


@pytest.fixture
def hogged() -> Iterator[int]:
    """A processor that sixteen others do not leave."""
    processor = min(os.sched_getaffinity(0))
    hog = f"import os\nos.sched_setaffinity(0, {{{processor}}})\nwhile True: pass"
    # each in a session of its own, or the system takes them for one rival
    hogs = [subprocess.Popen([sys.executable, "-c", hog], start_new_session=True) for _ in range(16)]
    while any(use_of(each.pid, itself=True) in (None, (0.0, False)) for each in hogs):
        time.sleep(0.05)
    yield processor
    for each in hogs:
        each.kill()
        each.wait()


def test_what_earlier_cells_computed_does_not_count(cells: Cells) -> None:
    work = f"import time\nwhile time.process_time() < {2 * LIMIT}: pass"
    ended = cells(snippet("work", work, timeout=60.0), snippet("wait", WAITING, timeout=LIMIT))
    assert [each.status for each in ended] == ["ok", "ok"]


def test_the_use_of_a_process_that_is_not_there_is_unknown() -> None:
    assert use_of(2**30, itself=True) is None
