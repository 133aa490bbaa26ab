"""The window's thread waits for nothing of ours: every call returns while an interpreter, a probe or the disk hangs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cells_text import entry, field
from desks import Bench
from staged import Core

from build_deck.cells.protocol import Toolchain

HERE = Path(__file__).parent
HOUR = 3600.0
UNKNOWN = field(entry("t", "print('x')"))


class Hang:
    """Something that is waited for until the test is over."""

    def __init__(self) -> None:
        self.reached, self.over = threading.Event(), threading.Event()

    def __call__(self, *_: object) -> None:
        self.reached.set()
        self.over.wait(HOUR)


class Stub:
    """What stands for an engine, of which one part hangs."""

    hanging = ""
    hang: Hang

    def __init__(self, interpreter: object) -> None:
        self._interpreter = interpreter

    def _do(self, part: str) -> None:
        if part == self.hanging:
            self.hang()

    @property
    def toolchain(self) -> Toolchain:
        self._do("start")
        return Toolchain(python="3", machine="")

    def run(self, job: object) -> Iterator[object]:
        self._do("run")
        return iter(())

    def cancel(self) -> None: ...

    abort = warm = cancel

    def close(self) -> None:
        self._do("close")


@pytest.fixture
def hang() -> Iterator[Hang]:
    made = Hang()
    yield made
    made.over.set()


def returns(call: Callable[[], object], what: str) -> None:
    """The call returns, however long that takes on a busy machine, while what hangs still does."""
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), what


@pytest.mark.parametrize("hanging", ["probe", "start", "run", "close"])
def test_no_call_waits_for_an_interpreter_that_hangs(
    core: Core, package: Path, hang: Hang, hanging: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.runs, "PARTING", HOUR)  # nothing but Anki's own end may wait so long
    monkeypatch.setattr(core.runs.atexit, "register", lambda *_: None)
    monkeypatch.setattr(core.runs, "Engine", type("Hanging", (Stub,), {"hanging": hanging, "hang": hang}))
    if hanging == "probe":
        monkeypatch.setattr(core.runs, "probe", hang)
    bench = Bench(core, package, warm=True)
    place = bench.place(UNKNOWN)
    assert bench.approve("t", UNKNOWN).kind == "started"
    if hanging == "close":
        bench.finish()
        bench.desk.renew()
    assert hang.reached.wait(60)
    calls: dict[str, Callable[[], object]] = {
        "press": lambda: bench.press("t", UNKNOWN), "state": lambda: bench.desk.state(place),
        "updates": bench.desk.updates, "running": lambda: bench.desk.running, "warm": bench.desk.warm,
        "stop": bench.desk.stop, "renew": bench.desk.renew, "close": bench.desk.close,
    }  # fmt: skip
    for name, call in calls.items():
        returns(call, name)
    assert not hang.over.is_set()


def test_no_call_waits_for_a_disk_that_hangs(
    core: Core, package: Path, hang: Hang, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("fsync", "sync", "fdatasync"):
        monkeypatch.setattr(os, name, hang)
    trust = core.trust.Trust(package, "/profiles/one")
    calls: dict[str, Callable[[], Any]] = {
        "approve": lambda: trust.approve(["0" * 64], bare=False), "mute": lambda: trust.mute("7"),
        "forget": trust.forget,
    }  # fmt: skip
    for name, call in calls.items():
        returns(call, name)
    assert not hang.reached.is_set()


CLOSED = """
import sys, tempfile
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from cells_text import entry, field
from core_process import Core
from desks import Bench
data = Path(sys.argv[4])
for name in ("style", "inputs"):
    (data / name).symlink_to(Path(sys.argv[3]) / name)
bench = Bench(Core(Path(sys.argv[3])), data)
text = field(entry("t", "print('begun', flush=True)\\nwhile True: pass"))
bench.approve("t", text)
bench.until(lambda: bench.page.get("t"))
print(len([*Path(tempfile.gettempdir()).iterdir()]))
bench.desk.close()
"""
"""What Anki does, with nothing after it."""


def test_what_was_closed_at_the_very_end_leaves_no_file(addon: Path, project: Path, tmp_path: Path) -> None:
    scratch, data = tmp_path / "scratch", tmp_path / "data"
    for folder in (scratch, data):
        folder.mkdir()
    told = subprocess.run(
        [sys.executable, "-c", CLOSED, HERE, project, addon, data], env={**os.environ, "TMPDIR": str(scratch)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (told.returncode, told.stderr) == (0, "")
    assert int(told.stdout) > 0
    assert [*scratch.iterdir()] == []
