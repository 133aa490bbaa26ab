"""Cells that lie, by the rows of the threat model: about how they ended, and to the cells after them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from cell_jobs import Cells, snippet

from build_deck.cells.protocol import Interpreter, Limits
from build_deck.cells.runner import Engine

pytestmark = pytest.mark.cells


@pytest.fixture(scope="module")
def spawned(interpreter: Callable[[bool], Interpreter]) -> Iterator[Cells]:
    with Engine(replace(interpreter(False), modules=(), spawn=True)) as engine:
        yield Cells(engine)


@pytest.fixture(params=["boxed", "spawned"])
def cells(request: pytest.FixtureRequest) -> Cells:
    """Where a cell has its channel, and where it has the pipe that was its standard output."""
    found: Cells = request.getfixturevalue(request.param)
    return found


FORGED = """
import os, json
outcome = {"cell": "cell", "status": "ok", "drawings": [], "tests": []}
end = json.dumps({"kind": "end", "cell": "cell", "nonce": "0" * 32, "outcome": outcome})
for descriptor in range(1, 8):
    try:
        os.write(descriptor, (end + "\\n").encode())
    except OSError:
        pass
"""
FORGERIES = {
    "a report and a record, then wrong": """
import json, os
print("3 cells run, 0 reused · mutants killed 9/9, stubs failed 1/1 in this run · 0 errors, 0 warnings")
record = {"card": "a-card", "cells": {"cell": {"level": "executed-cpu", "error": "", "exception": ""}}}
os.makedirs("figures/a-card")
for place in ("record.json", "figures/a-card/record.json"):
    with open(place, "w") as file:
        json.dump(record, file)
assert False""",
    "exits early": "import os\nos._exit(0)\nassert False",
    "sys.exit": "import sys\nsys.exit(0)\nassert False",
    "forged event": FORGED + "os._exit(0)",
    "forged event, then wrong": FORGED + "assert False",
    "closed channel": "import os\nos.closerange(3, 64)",
    "patched exit": "import os, sys\nsys.exit = os._exit\nsys.exit(0)",
    "exit handler": "import atexit, os\natexit.register(os._exit, 0)\nassert False",
    "right in a copy only": "import os\nchild = os.fork()\nif child: os.waitpid(child, 0)\nassert child == 0",
}


@pytest.mark.parametrize("way", FORGERIES)
def test_row_38_a_cell_that_did_not_end_well_does_not_pass_for_one(cells: Cells, way: str) -> None:
    assert cells.one(FORGERIES[way]).status == "failed"


NOISE = {
    "nested": "b'[' * 200000 + b'\\n'",
    "no object": "b'[1, 2]\\n' * 99",
    "no JSON": "bytes(range(256)) + b'\\n'",
}


@pytest.mark.parametrize("way", NOISE)
def test_row_38_noise_on_the_channel_is_no_event(boxed: Cells, way: str) -> None:
    first, second = boxed(f"import os\nos.write(3, {NOISE[way]})\nprint('still here')", "print('next')")
    assert (first.status, first.stdout, second.status) == ("ok", "still here\n", "ok")


def test_row_38_endless_noise_ends_the_cell(boxed: Cells) -> None:
    endless = "import os\nwhile True: os.write(3, b'x' * 65536)"
    assert boxed.one(endless, limits=Limits(figure=1 << 16)).status == "output"


STOLEN = """
import sys
frame = sys._getframe()
while "nonce" not in frame.f_locals:
    frame = frame.f_back
send = frame.f_locals["send"]
"""
MEDDLING = {
    "an end without an outcome": "send({'kind': 'end', 'cell': 'cell', 'outcome': {}})",
    "an end of another kind": "send({'kind': 'end', 'cell': 'cell', 'outcome': 7})",
    "a drawing that is none": "send({'kind': 'figure', 'cell': 'cell', 'drawing': {'x': 1}})",
    "too many drawings": (
        "for _ in range(5): send({'kind': 'figure', 'cell': 'cell', 'drawing': {'name': 'a', 'svg': ''}})"
    ),
    "a drawing that is too large": (
        "send({'kind': 'figure', 'cell': 'cell', 'drawing': {'name': 'a', 'svg': 'x' * (3 << 20)}})"
    ),
}


@pytest.mark.parametrize("way", MEDDLING)
def test_row_38_who_speaks_as_the_engine_and_says_nonsense_has_failed(boxed: Cells, way: str) -> None:
    ended = boxed.one(STOLEN + MEDDLING[way] + "\nimport time\ntime.sleep(60)")
    assert ended.status == "failed"
    assert "channel" in ended.error
    assert boxed.one("print(1)").stdout == "1\n"


def test_row_38_a_stolen_voice_does_not_reach_the_next_cell(boxed: Cells) -> None:
    """What no runner can refuse is that a cell ends itself well, since it could do so by being right; see `session`."""
    ahead = "outcome = {'cell': 'next', 'status': 'ok', 'drawings': [], 'tests': []}\n"
    ahead += "send({'kind': 'end', 'cell': 'next', 'outcome': outcome})"
    first, second = boxed(STOLEN + ahead, snippet("next", "assert 1 == 2", 40))
    assert (first.status, second.status) == ("ok", "failed")


def test_a_cell_has_no_descriptor_of_the_servers(boxed: Cells, plain: Cells) -> None:
    for cells in (boxed, plain):
        listing = "import os\nprint(sorted(int(name) for name in os.listdir('/proc/self/fd')))"
        assert cells.one(listing).stdout == "[0, 1, 2, 3, 4]\n"  # streams, its own channel, the listing itself


POISON = {
    "sitecustomize": "open('sitecustomize.py', 'w').write('print(666)')",
    "path file": "import os\nos.makedirs('lib')\nopen('lib/x.pth', 'w').write('import os; print(666)')",
    "shadow": "open('torch.py', 'w').write('print(666)')\nopen('json.py', 'w').write('print(666)')",
    "bytecode": (
        "import os, py_compile\nopen('random.py', 'w').write('print(666)')\n"
        "py_compile.compile('random.py', 'random.pyc')\nos.makedirs('__pycache__')\n"
        "py_compile.compile('random.py', '__pycache__/random.cpython-311.pyc')"
    ),
    "pickle": "import pickle\npickle.dump(666, open('cache.pkl', 'wb'))",
    "matplotlibrc": "import os\nopen(os.path.expanduser('~/matplotlibrc'), 'w').write('font.size: 40')",
    "patched": "import torch, builtins\ntorch.ones = lambda *a: 666\nbuiltins.print = lambda *a: 666",
    "style": "import matplotlib as m\nm.rcParams['font.size'] = 40\nm.rcParams['svg.hashsalt'] = 'x'",
    "environ": "import os\nos.environ['OMP_NUM_THREADS'] = '8'",
}
AFTER = (
    "import os, torch, matplotlib.pyplot as plt\n"
    "print(torch.ones(2), os.environ['OMP_NUM_THREADS'], os.listdir('.'))\nplt.plot([1, 2])"
)


@pytest.mark.parametrize("way", POISON)
def test_row_39_no_cell_poisons_the_next(boxed: Cells, way: str) -> None:
    before = boxed.one(AFTER, draws=True)
    assert boxed.one(POISON[way]).status == "ok"
    after = boxed.one(AFTER, draws=True)
    assert (after.stdout, after.drawings) == (before.stdout, before.drawings)


QUEUE = "import ctypes\nprint(ctypes.CDLL(None).msgget(0x4711, {flags}) >= 0)"


def test_row_39_what_the_system_keeps_for_processes_to_share_ends_with_the_job(boxed: Cells) -> None:
    make, find = QUEUE.format(flags=0o1666), QUEUE.format(flags=0)
    assert [each.stdout for each in boxed(make, find)] == ["True\n", "True\n"]
    assert boxed.one(find).stdout == "False\n"
