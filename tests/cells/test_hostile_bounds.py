"""Cells that take too much, by the rows of the threat model: links, time, processes, memory, output. All is bounded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cell_jobs import Cells, snippet

from build_deck.cells.protocol import Interpreter, Job, Limits
from build_deck.cells.runner import Engine
from build_deck.cells.session import WALL
from build_deck.run import EnginePool

pytestmark = pytest.mark.cells


@pytest.fixture(scope="module")
def spawned(interpreter: Callable[[bool], Interpreter]) -> Iterator[Cells]:
    """Cells in processes that nothing forked, as on a GPU; they load nothing first."""
    with Engine(replace(interpreter(False), modules=(), spawn=True)) as engine:
        yield Cells(engine)


@pytest.fixture(params=["boxed", "plain", "spawned"])
def cells(request: pytest.FixtureRequest) -> Cells:
    """Each way in which a cell can be run."""
    found: Cells = request.getfixturevalue(request.param)
    return found


def survivors(mark: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return [line for line in found if mark in line and "pytest" not in line]


@pytest.mark.parametrize("place", ["/dev/shm", "."])
def test_rows_20_33_scratch_is_bounded_and_forgotten(boxed: Cells, place: str) -> None:
    fill = f"with open('{place}/x', 'wb') as f:\n    for _ in range(64): f.write(bytes(1 << 20))"
    assert boxed.one(fill, limits=Limits(scratch=16 << 20)).status == "output"
    assert boxed.one(f"import os\nprint(os.listdir('{place}'))").stdout == "[]\n"


LINKS = {
    "symlink": "os.symlink({target!r}, name)",
    "hard link": "os.link({target!r}, name)",
    "pipe": "os.mkfifo(name)",
    "folder": "os.mkdir(name)",
}
REPLACE = "import os\nfor name in {names!r}:\n    if os.path.lexists(name): os.remove(name)\n    {link}\nprint('after')"


@pytest.mark.parametrize("link", LINKS)
def test_rows_21_to_24_nothing_that_a_cell_leaves_is_opened(cells: Cells, tmp_path: Path, link: str) -> None:
    """Figures come as text, and what is printed through descriptors from before: a name is never looked up again."""
    target = tmp_path / "host.txt"
    target.write_text("canary-4711\n" * 99)
    names = ("stdout", "stderr", "cell.svg", "cell.txt", "record.json")
    code = REPLACE.format(names=names, link=LINKS[link].format(target=str(target)))
    first, second = cells(snippet("cell", code, timeout=9), "print('next')")
    if link == "hard link" and first.status == "failed":  # what is not seen, or lies elsewhere, cannot be linked
        assert first.exception in ("FileNotFoundError", "OSError")
    else:
        assert [each.status for each in (first, second)] == ["ok", "ok"], first.error
        assert second.stdout == "next\n"
    assert "canary" not in "".join(each.stdout + each.stderr + each.error for each in (first, second))
    assert target.read_text() == "canary-4711\n" * 99


STUBBORN = {
    "loop": "while True: pass",
    "trickle": "import time\nwhile True:\n    print('.', flush=True)\n    time.sleep(0.002)",
    "sleep": "import time\ntime.sleep(10**9)",
    "ignores signals": "import signal\nfor s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nwhile True: pass",
}


@pytest.mark.parametrize("way", STUBBORN)
def test_rows_25_to_27_time_is_up(cells: Cells, way: str) -> None:
    began = time.monotonic()
    limit = 0.3
    assert cells.one(STUBBORN[way], timeout=limit).status == "timeout"
    assert time.monotonic() - began < WALL * limit + 2
    assert cells.one("print(1)").stdout == "1\n"


ESCAPE = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        os.execvp("sleep", ["sleep", "{mark}"])
    os._exit(0)
time.sleep(0.2)
"""


@pytest.mark.parametrize("ending", ["", "os._exit(0)", "1 / 0"], ids=["ends", "exits", "fails"])
def test_row_28_nothing_survives_a_run(cells: Cells, ending: str) -> None:
    mark = f"7{time.time_ns()}"
    assert cells.one(ESCAPE.format(mark=mark) + ending).status == ("failed" if ending else "ok")
    assert survivors(mark) == []


FORKS = """
import os, time
for _ in range(400):
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
print("NOT STOPPED")
"""
PATIENT = """
import os, time
while True:
    try:
        if os.fork() == 0:
            while True: pass
    except OSError:
        time.sleep(0.01)
"""
THREADS = "import threading, time\nfor _ in range(400): threading.Thread(target=time.sleep, args=(20,)).start()"
NESTED = "import ctypes, os\nassert ctypes.CDLL(None).unshare(0x10000000) == 0\n" + FORKS
BOMBS = {"fork": (FORKS, "processes"), "patient": (PATIENT, "processes"), "thread": (THREADS, "processes"),
         "namespace": (NESTED, "failed")}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_rows_29_to_31_processes_are_bounded(boxed: Cells, bomb: str) -> None:
    code, status = BOMBS[bomb]
    ended = boxed.one(code)
    assert (ended.status, "NOT STOPPED" in ended.stdout) == (status, False)
    assert boxed.one("print(1)").stdout == "1\n"


def test_row_29_others_go_on_meanwhile(
    boxed: Cells, interpreter: Callable[[bool], Interpreter], engines: EnginePool
) -> None:
    """While as many processes as a cell may have want the processor, another cell's whole run fits in."""
    with engines.lend(interpreter(True)) as engine:
        assert engine.toolchain.torch
        ended: list[str] = []
        code = "import os\nfor _ in range(5): os.fork()\nwhile True: pass"  # 32 of them: none too many
        bomb = threading.Thread(target=lambda: ended.append(boxed.one(code, timeout=60.0).status))
        bomb.start()
        assert Cells(engine).one("print(1)").stdout == "1\n"
        assert ended == []
        boxed.engine.cancel()
        bomb.join()
        assert ended == ["stopped"]


BLOCKS = {
    "one block": "x = bytearray(3 * 10**9)",
    "torch": "import torch\ntorch.empty(10**9)",
    "many blocks": "x = []\nwhile True: x.append(bytearray(10**8))",
}
TOGETHER = """
import os, time
for _ in range(3):
    if os.fork() == 0:
        kept = b"x" * (50 << 20)  # written to, or it would not be there
        time.sleep(20)
        os._exit(0)
time.sleep(20)
"""


@pytest.mark.parametrize("way", BLOCKS)
def test_row_32_memory_is_bounded(boxed: Cells, way: str) -> None:
    assert boxed.one(BLOCKS[way]).status == "memory"


@pytest.mark.parametrize("sandboxed", [True, False], ids=["boxed", "plain"])
def test_row_32_memory_of_a_whole_job_is_bounded(boxed: Cells, plain: Cells, sandboxed: bool) -> None:
    cells = boxed if sandboxed else plain
    ended = cells.one(TOGETHER, limits=Limits(memory=100 << 20))
    assert (ended.status, ended.error) == (
        "memory", "the cell and what it started held more memory than the limit; all were killed",
    )  # fmt: skip
    roomy = cells.one(TOGETHER.replace("sleep(20)", "sleep(1)"), limits=Limits(memory=400 << 20))
    assert roomy.status == "ok"


UNSEEN = {
    "shared between children": """
import mmap, os, time
for _ in range(3):
    if os.fork() == 0:
        kept = mmap.mmap(-1, SIZE << 20)
        for at in range(0, len(kept), 4096):
            kept[at] = 1
        time.sleep(20)
        os._exit(0)
time.sleep(20)
""",
    "files in memory": """
import os, time
for n in range(3):
    os.truncate(os.memfd_create("x"), SIZE << 20)
print("MADE")
""",
    "segments": """
import ctypes
libc = ctypes.CDLL(None)
assert min(libc.shmget(0, SIZE << 20, 0o1600) for _ in range(3)) >= 0
print("MADE")
""",
}


def test_row_32_shared_memory_counts_once(boxed: Cells, plain: Cells) -> None:
    shared = UNSEEN["shared between children"]
    for cells in (boxed, plain):
        assert cells.one(shared.replace("SIZE", "50"), limits=Limits(memory=100 << 20)).status == "memory"
        touched = "kept = mmap.mmap(-1, 50 << 20)\nassert not any(kept[at] for at in range(0, len(kept), 4096))\n"
        four = f"import mmap, os, time\n{touched}for _ in range(2): os.fork()\n"
        again = "assert not any(kept[at] for at in range(0, len(kept), 4096))\ntime.sleep(1)"
        assert cells.one(four + again, limits=Limits(memory=140 << 20)).status == "ok"


@pytest.mark.parametrize("way", ["files in memory", "segments"])
def test_row_32_no_memory_that_nobody_has_mapped(boxed: Cells, plain: Cells, way: str) -> None:
    assert boxed.one(UNSEEN[way].replace("SIZE", "1")).status == "failed"
    if way == "files in memory":  # a segment would stay behind
        assert plain.one(UNSEEN[way].replace("SIZE", "1")).stdout == "MADE\n"


def test_row_34_a_file_is_bounded(boxed: Cells) -> None:
    code = "f = open('x', 'wb')\nf.truncate(1 << 40)\nf.write(b'x')"
    assert boxed.one(code).status == "output"


@pytest.mark.parametrize(
    "code", ["while True: print('x' * 1000)", "while True: print(r'\x1b[31m<b>\x1b[0m')"], ids=["lines", "escapes"]
)
def test_row_35_endless_output_is_cut(cells: Cells, code: str) -> None:
    ended = cells.one(code)
    assert ended.status == "output"
    assert len(ended.stdout) < 70_000
    assert ended.stdout.endswith("截断（超过上限）\n")
    assert "\x1b" not in ended.stdout


def test_row_35_output_is_counted_in_bytes(boxed: Cells) -> None:
    assert boxed.one("print('\u6c49' * 20_000)").status == "ok"
    ended = boxed.one("print('\u6c49' * 30_000)")
    assert (ended.status, ended.stdout.count("\u6c49"), "\ufffd" in ended.stdout) == ("output", (64 << 10) // 3, False)


def test_row_35_a_million_short_lines_are_cut(boxed: Cells) -> None:
    ended = boxed.one(r"for n in range(10**6): print('\x1b[1m<script>', n, '\x1b[0m', sep='')")
    assert ended.status == "output"
    assert ended.stdout.startswith("<script>0\n<script>1\n")  # markup stays text: who shows it escapes it


def test_row_36_escapes_are_neutralised(boxed: Cells) -> None:
    code = (
        r"print('\x1b[31mred\x1b[0m \x1b]0;title\x07ok \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x9b1m \u202etrap\x00')"
    )
    ended = boxed.one(code)
    assert (ended.status, ended.stdout) == ("ok", "red ok link \ufffd1m \ufffdtrap\ufffd\n")


def test_a_server_whose_runner_is_closed_takes_everything_with_it(interpreter: Callable[[bool], Interpreter]) -> None:
    mark = f"8{time.time_ns()}"
    engine = Engine(replace(interpreter(False), modules=()))
    code = f"import subprocess\nsubprocess.run(['sleep', '{mark}'])"
    events = engine.run(Job("a-card", (snippet("c", code),)))
    assert next(events).kind == "start"
    time.sleep(0.3)
    assert len(survivors(mark)) == 1
    engine.close()
    time.sleep(0.3)
    assert survivors(mark) == []
