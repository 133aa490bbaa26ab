"""Where nothing is forked: the same outcomes from a fresh process for each job."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cell_jobs import Cells, snippet

from build_deck.cells.protocol import Interpreter, Job
from build_deck.cells.runner import Engine, EngineError, SandboxError

pytestmark = pytest.mark.cells


@pytest.fixture(scope="module")
def spawned(interpreter: Callable[[bool], Interpreter]) -> Iterator[Cells]:
    """Cells in processes that import nothing first, so that each starts at once."""
    with Engine(replace(interpreter(False), modules=(), spawn=True)) as engine:
        yield Cells(engine)


def test_the_same_outcome_as_from_a_fork(plain: Cells, interpreter: Callable[[bool], Interpreter]) -> None:
    cells = (
        "import os, sys, torch\nprint('一', torch.rand(1).item(), {'b', 'a'})\nos.system('echo shell')",
        snippet("plot", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('缩放')", 20, draws=True),
        snippet("bad", "x = 1\nassert x == 2", 30),
        "print('never')",
    )
    with Engine(replace(interpreter(False), spawn=True)) as engine:
        ours = Cells(engine)(*cells)
    for one, other in zip(ours, plain(*cells), strict=True):
        assert replace(one, seconds=0, peak_mib=0) == replace(other, seconds=0, peak_mib=0)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("while True: pass", "timeout"),
        ("import time\ntime.sleep(99)", "timeout"),
        ("while True: print('x' * 1000)", "output"),
        ("import os\nos._exit(0)", "failed"),
        ("import sys\nsys.exit(0)", "failed"),
        ("x = bytearray(9 << 30)", "memory"),
        ("print(1)", "ok"),
    ],
)
def test_limits_and_endings(spawned: Cells, source: str, status: str) -> None:
    began = time.monotonic()
    assert spawned.one(source, timeout=1.0).status == status
    assert time.monotonic() - began < 9


def test_events_come_while_the_cell_runs(spawned: Cells) -> None:
    code = "import time\nprint('early')\ntime.sleep(0.8)\nprint('late')"
    seen = [(event.kind, event.text) for event in spawned.engine.run(Job("a-card", (snippet("c", code),)))]
    assert seen == [("start", ""), ("output", "early\n"), ("output", "late\n"), ("end", "")]


def test_a_spare_that_died_is_not_given_a_job(interpreter: Callable[[bool], Interpreter]) -> None:
    with Engine(replace(interpreter(False), modules=(), spawn=True)) as engine:
        for begin in (engine.warm, lambda: engine.toolchain):
            engine.warm()
            dead = engine._spare
            assert dead is not None
            dead.kill()
            dead.process.wait(30)
            begin()
            assert engine._spare is not dead
            assert not Path(dead.folder).exists()
            assert Cells(engine).one("print(1)").status == "ok"
        engine.warm()
        assert engine._spare is not None
        engine._spare.kill()
        engine._spare.process.wait(30)
        assert Cells(engine).one("print(1)").status == "ok", "whoever takes it looks"


def test_a_spare_waits_for_the_next_job(interpreter: Callable[[bool], Interpreter]) -> None:
    with Engine(replace(interpreter(False), modules=("numpy",), spawn=True)) as engine:
        engine.warm()
        began = time.monotonic()
        assert Cells(engine).one("import sys\nprint('numpy' in sys.modules)").stdout == "True\n"
        assert time.monotonic() - began < 2


def test_a_process_that_does_not_start_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\necho no such library: libffi >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(EngineError, match="does not start:\nno such library: libffi"):
        Cells(Engine(Interpreter(str(broken), spawn=True))).one("print(1)")


def test_spawned_cells_are_never_said_to_be_sandboxed(interpreter: Callable[[bool], Interpreter]) -> None:
    with pytest.raises(SandboxError):
        Cells(Engine(replace(interpreter(True), spawn=True))).one("print(1)")
    with pytest.raises(EngineError, match="nowhere"):
        Cells(Engine(Interpreter("/nowhere/python", spawn=True))).one("print(1)")
