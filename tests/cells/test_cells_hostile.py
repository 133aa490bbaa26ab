"""Cells that misbehave, by the rows of the threat model: what they try, and what must come of it. Sandboxed."""

from __future__ import annotations

import os
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from cell_jobs import Cells, snippet

from build_deck.cells.protocol import Limits
from build_deck.cells.session import WALL

pytestmark = pytest.mark.cells

CONNECT = "import socket\ns = socket.socket({})\ns.settimeout(2)\ns.{}\nprint('THROUGH')"
NETWORK = {
    "tcp to loopback": CONNECT.format("", "connect(('127.0.0.1', PORT))"),
    "tcp outside": CONNECT.format("", "connect(('192.0.2.1', 80))"),
    "dns": "import socket\nsocket.gethostbyname('example.com')\nprint('THROUGH')",
    "udp": CONNECT.format("socket.AF_INET, socket.SOCK_DGRAM", "sendto(b'x', ('192.0.2.1', 53))"),
    "raw": CONNECT.format("socket.AF_INET, socket.SOCK_RAW, 1", "sendto(b'x', ('192.0.2.1', 0))"),
    "abstract unix": CONNECT.format("socket.AF_UNIX", "connect('\\0proofdeck-test')"),
}


@pytest.mark.enable_socket
@pytest.mark.parametrize("way", NETWORK)
def test_rows_1_to_6_no_network(boxed: Cells, way: str) -> None:
    with socket.socket() as server, socket.socket(socket.AF_UNIX) as abstract:
        server.bind(("127.0.0.1", 0))
        server.listen()
        abstract.bind("\0proofdeck-test")
        abstract.listen()
        ended = boxed.one(NETWORK[way].replace("PORT", str(server.getsockname()[1])))
    assert ended.status == "failed"
    assert "THROUGH" not in ended.stdout


@pytest.mark.parametrize(
    "place", ["~", "/root", "/home", "/etc/shadow", "/etc/passwd", "/var", "/sys", "CHECKOUT/.git"]
)
def test_rows_7_to_12_no_files_of_the_host(boxed: Cells, project: Path, place: str) -> None:
    code = (
        "import os\nplace = os.path.expanduser({!r})\n"
        "found = os.listdir(place) if os.path.isdir(place) else open(place).read()\n"
        "print('FOUND', [name for name in found if name not in {!r}])"
    )
    ended = boxed.one(code.format(place.replace("CHECKOUT", str(project)), _way_through(place, project)))
    # the interpreter and the checkout may live below a home folder: then the way to them exists, and nothing else
    assert ended.status == "failed" or ended.stdout == "FOUND []\n"


def _way_through(place: str, project: Path) -> list[str]:
    """Names directly below `place` on the way to what the sandbox shows: this checkout, and the Python below it."""
    shown = (project, Path(sys.base_prefix))
    return [path.relative_to(place).parts[0] for path in shown if path.is_relative_to(place) and path != Path(place)]


SECRETS = {
    "environment": "import os\nprint(dict(os.environ))",
    "environment of pid 1": "print(open('/proc/1/environ').read())",
    "every environ": "import glob\nprint([open(p, 'rb').read() for p in glob.glob('/proc/[0-9]*/environ')])",
    "command lines": "import glob\nprint([open(p, 'rb').read() for p in glob.glob('/proc/[0-9]*/cmdline')])",
    "parent's memory": "import os\nprint(open('/proc/%d/mem' % os.getppid(), 'rb').read(1))",
    "keyring": "import ctypes\nprint(open('/proc/keys').read())",
}


@pytest.mark.parametrize("way", SECRETS)
def test_rows_13_to_16_no_secrets(boxed: Cells, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "canary-4711")
    ended = boxed.one(SECRETS[way])
    assert "canary-4711" not in ended.stdout + ended.error
    assert str(os.getpid()) not in ended.stdout.split()


@pytest.mark.parametrize("place", ["/x", "/usr/x", "SITE/x.py", "CODE/child.py", "/dev/x"])
def test_rows_17_to_20_no_writes(boxed: Cells, project: Path, place: str) -> None:
    site = project / ".envs" / "core" / "lib" / "python3.11" / "site-packages"
    path = place.replace("SITE", str(site)).replace("CODE", str(project / "build_deck" / "cells"))
    before = sorted(site.iterdir())
    assert boxed.one(f"open({path!r}, 'w').write('x')").status == "failed"
    assert sorted(site.iterdir()) == before


@pytest.mark.parametrize("place", ["/dev/shm", "."])
def test_rows_20_33_scratch_is_bounded_and_forgotten(boxed: Cells, place: str) -> None:
    fill = f"with open('{place}/x', 'wb') as f:\n    for _ in range(64): f.write(bytes(1 << 20))"
    assert boxed.one(fill, limits=Limits(scratch=16 << 20)).status == "failed"
    assert boxed.one(f"import os\nprint(os.listdir('{place}'))").stdout == "[]\n"


def survivors(mark: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return [line for line in found if mark in line and "pytest" not in line]


STUBBORN = {
    "loop": "while True: pass",
    "trickle": "import time\nwhile True:\n    print('.', flush=True)\n    time.sleep(0.002)",
    "sleep": "import time\ntime.sleep(10**9)",
    "ignores signals": "import signal\nfor s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nwhile True: pass",
}


@pytest.mark.parametrize("sandboxed", [True, False], ids=["boxed", "plain"])
@pytest.mark.parametrize("way", STUBBORN)
def test_rows_25_to_27_time_is_up(boxed: Cells, plain: Cells, way: str, sandboxed: bool) -> None:
    cells = boxed if sandboxed else plain
    began = time.monotonic()
    limit = 0.3
    assert cells.one(STUBBORN[way], timeout=limit).status == "timeout"
    assert time.monotonic() - began < WALL * limit + 2
    assert cells.one("print(1)").stdout == "1\n"


@pytest.mark.parametrize("sandboxed", [True, False], ids=["boxed", "plain"])
def test_row_28_nothing_survives_a_run(boxed: Cells, plain: Cells, tmp_path: Path, sandboxed: bool) -> None:
    mark = f"7{time.time_ns()}"
    code = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        os.execvp("sleep", ["sleep", "{mark}"])
    os._exit(0)
time.sleep(0.2)
"""
    assert (boxed if sandboxed else plain).one(code).status == "ok"
    assert survivors(mark) == []


FORKS = """
import os, time
for _ in range(400):
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
print("NOT STOPPED")
"""
THREADS = "import threading, time\nfor _ in range(400): threading.Thread(target=time.sleep, args=(20,)).start()"
NESTED = "import ctypes, os\nassert ctypes.CDLL(None).unshare(0x10000000) == 0\n" + FORKS


@pytest.mark.parametrize(
    ("code", "status"), [(FORKS, "processes"), (THREADS, "processes"), (NESTED, "failed")], ids=["fork", "thread", "ns"]
)
def test_rows_29_to_31_processes_are_bounded(boxed: Cells, code: str, status: str) -> None:
    began = time.monotonic()
    ended = boxed.one(code)
    assert (ended.status, "NOT STOPPED" in ended.stdout) == (status, False)
    assert time.monotonic() - began < 10
    assert boxed.one("print(1)").stdout == "1\n"


@pytest.mark.parametrize(
    "code",
    ["x = bytearray(3 * 10**9)", "import torch\ntorch.empty(10**9)", "x = []\nwhile True: x.append(bytearray(10**8))"],
    ids=["one block", "torch", "many blocks"],
)
def test_row_32_memory_is_bounded(boxed: Cells, code: str) -> None:
    assert boxed.one(code).status == "memory"


def test_row_34_a_file_is_bounded(boxed: Cells) -> None:
    code = "f = open('x', 'wb')\nf.truncate(1 << 40)\nf.write(b'x')"
    assert boxed.one(code).status == "failed"


@pytest.mark.parametrize("sandboxed", [True, False], ids=["boxed", "plain"])
def test_row_35_endless_output_is_cut(boxed: Cells, plain: Cells, sandboxed: bool) -> None:
    ended = (boxed if sandboxed else plain).one("while True: print('x' * 1000)")
    assert ended.status == "output"
    assert len(ended.stdout) < 70_000
    assert ended.stdout.endswith("截断（超过上限）\n")


def test_row_36_escapes_are_neutralised(boxed: Cells) -> None:
    code = (
        r"print('\x1b[31mred\x1b[0m \x1b]0;title\x07ok \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x9b1m \u202etrap\x00')"
    )
    ended = boxed.one(code)
    assert (ended.status, ended.stdout) == ("ok", "red ok link \ufffd1m \ufffdtrap\ufffd\n")


PRIVILEGES = {
    "mount": "import ctypes\nassert ctypes.CDLL(None).mount(b'x', b'.', b'tmpfs', 0, None) == 0",
    "ptrace": "import ctypes, os\nassert ctypes.CDLL(None).ptrace(16, os.getppid() or 2, 0, 0) == 0",
    "kill": "import os\nos.kill(2, 9)",
    "setuid": "import os\nos.setuid(0)",
    "chroot": "import os\nos.chroot('.')",
    "device": "import os, stat\nos.mknod('d', stat.S_IFBLK | 0o600, os.makedev(8, 0))",
    "nice": "import os\nos.nice(-5)",
    "hostname": "import socket\nsocket.sethostname('x')",
    "terminal": "import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSTI, b'x')",
}


@pytest.mark.parametrize("way", PRIVILEGES)
def test_row_37_no_privileges(boxed: Cells, way: str) -> None:
    assert boxed.one(PRIVILEGES[way]).status == "failed"


def test_row_37_a_setuid_program_gains_nothing(boxed: Cells) -> None:
    assert boxed.one("print([l for l in open('/proc/self/status') if l.startswith('NoNewPrivs')])").stdout == (
        "['NoNewPrivs:\\t1\\n']\n"
    )


FORGERIES = {
    "exits early": "import os\nos._exit(0)\nassert False",
    "sys.exit": "import sys\nsys.exit(0)\nassert False",
    "forged event": (
        "import os, json\n"
        "outcome = {'cell': 'cell', 'status': 'ok', 'drawings': [], 'tests': []}\n"
        "end = json.dumps({'kind': 'end', 'cell': 'cell', 'nonce': '0' * 32, 'outcome': outcome})\n"
        "os.write(3, (end + '\\n').encode())\nos.write(1, (end + '\\n').encode())\nos._exit(0)"
    ),
    "closed channel": "import os\nos.close(3)",
    "patched exit": "import os, sys\nsys.exit = os._exit\nsys.exit(0)",
    "exit handler": "import atexit, os\natexit.register(os._exit, 0)\nassert False",
}


@pytest.mark.parametrize("way", FORGERIES)
def test_row_38_success_cannot_be_forged(boxed: Cells, way: str) -> None:
    assert boxed.one(FORGERIES[way]).status == "failed"


POISON = {
    "sitecustomize": "open('sitecustomize.py', 'w').write('print(666)')",
    "shadow": "open('torch.py', 'w').write('print(666)')\nopen('json.py', 'w').write('print(666)')",
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


def test_a_server_whose_runner_is_killed_takes_everything_with_it(interpreter) -> None:  # type: ignore[no-untyped-def]
    from build_deck.cells.protocol import Job  # noqa: PLC0415
    from build_deck.cells.runner import Engine  # noqa: PLC0415

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
