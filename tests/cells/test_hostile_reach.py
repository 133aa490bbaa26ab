"""What cells reach for, by the rows of the threat model: network, files, secrets, privileges. Nothing comes of it.

Each way is tried without the sandbox too, where it leads out: so these tests can fail.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pty
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cell_driver import command, said
from cell_jobs import Cells

pytestmark = pytest.mark.cells
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="as a plain user the way is closed anyway")

ASK = "import socket\ns = socket.socket({})\ns.settimeout(2)\ns.{}\nassert s.recv(4) == b'pong'\nprint('THROUGH')"
TCP, UDP, UNIX = "", "socket.AF_INET, socket.SOCK_DGRAM", "socket.AF_UNIX"
NETWORK = {
    "tcp to the loopback": ASK.format(TCP, "connect(('127.0.0.1', PORT))"),
    "tcp to the host's address": ASK.format(TCP, "connect(('ADDRESS', PORT))"),
    "udp": ASK.format(UDP, "sendto(b'ping', ('ADDRESS', PORT))"),
    "abstract unix": ASK.format(UNIX, "connect('\\0proofdeck-PORT')"),
    "the resolver's address": "print('THROUGH' if 'nameserver' in open('/etc/resolv.conf').read() else '')",
    "a name": "import socket\nprint('THROUGH' if socket.getaddrinfo('HOST', 80) else '')",
    "raw": "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\nprint('THROUGH')",
}


def own_address() -> str:
    """An address of this machine that is not the loopback's usual one; of the loopback where there is no other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket, contextlib.suppress(OSError):
        any_socket.connect(("192.0.2.1", 9))  # sends nothing: the kernel only looks for the way
        return str(any_socket.getsockname()[0])
    return "127.0.0.53"


def addressed(code: str, port: int) -> str:
    """`code` with what it is to reach: the port, an address, and a name that this machine knows without asking."""
    return code.replace("PORT", str(port)).replace("ADDRESS", own_address()).replace("HOST", socket.gethostname())


@pytest.fixture
def neighbour() -> Iterator[tuple[int, list[str]]]:
    """A port of the host where TCP, UDP and an abstract socket answer, and who has asked."""
    asked: list[str] = []
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as unix, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("", 0))
        port = tcp.getsockname()[1]
        udp.bind(("", port))
        unix.bind(f"\0proofdeck-{port}")
        for each in (tcp, unix):
            each.listen()
            threading.Thread(target=_serve, args=(each, asked), daemon=True).start()
        threading.Thread(target=_echo, args=(udp, asked), daemon=True).start()
        yield port, asked
        for each in (tcp, unix, udp):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, asked: list[str]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection = server.accept()[0]
            asked.append("connection")
            with connection:
                connection.sendall(b"pong")


def _echo(server: socket.socket, asked: list[str]) -> None:
    with contextlib.suppress(OSError):
        while True:
            sender = server.recvfrom(16)[1]
            if sender is None:  # shut down
                return
            asked.append("packet")
            server.sendto(b"pong", sender)


@pytest.mark.enable_socket
@pytest.mark.parametrize("way", NETWORK)
def test_rows_1_to_6_no_network(boxed: Cells, neighbour: tuple[int, list[str]], way: str) -> None:
    port, asked = neighbour
    ended = boxed.one(addressed(NETWORK[way], port))
    assert ("THROUGH" in ended.stdout, ended.status, asked) == (False, "failed", [])


@pytest.mark.enable_socket
@pytest.mark.parametrize("way", [*list(NETWORK)[:-1], pytest.param("raw", marks=AS_ROOT)])
def test_without_the_sandbox_there_is_a_network(plain: Cells, neighbour: tuple[int, list[str]], way: str) -> None:
    ended = plain.one(addressed(NETWORK[way], neighbour[0]))
    assert ended.stdout == "THROUGH\n", ended.error


@pytest.mark.parametrize("place", ["/root", "/home", "/etc/shadow", "/etc/passwd", "/var", "/sys", "CHECKOUT/.git"])
def test_rows_7_to_12_no_files_of_the_host(boxed: Cells, project: Path, place: str) -> None:
    code = (
        "import os\nplace = {!r}\n"
        "found = os.listdir(place) if os.path.isdir(place) else open(place).read()\n"
        "print('FOUND', [name for name in found if name not in {!r}])"
    )
    ended = boxed.one(code.format(place.replace("CHECKOUT", str(project)), _way_through(place, project)))
    # the interpreter and the checkout may live below a home folder: then the way to them exists, and nothing else
    assert ended.status == "failed" or ended.stdout == "FOUND []\n"


def _way_through(place: str, project: Path) -> list[str]:
    """Names directly below `place` on the way to what the sandbox shows: this checkout, and the Python below it."""
    shown = (project, project / ".envs", (project / ".envs").resolve(), Path(sys.base_prefix))
    return [path.relative_to(place).parts[0] for path in shown if path.is_relative_to(place) and path != Path(place)]


KEPT = (".ssh/id_ed25519", ".bash_history", ".git-credentials", ".aws/credentials")


@pytest.mark.parametrize("kept", KEPT)
def test_rows_7_to_10_what_a_home_folder_keeps(boxed: Cells, plain: Cells, tmp_path: Path, kept: str) -> None:
    path = tmp_path / kept
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("canary-4711")
    code = f"print(open({str(path)!r}).read())"
    ended = boxed.one(code)
    assert (ended.status, ended.exception, ended.stdout) == ("failed", "FileNotFoundError", "")
    assert plain.one(code).stdout == "canary-4711\n"


FIND = "CANARY = b'canary' + b'-4711'  # in one piece it would be found in our own command line\n"
ENVIRONS = """
import contextlib, glob
for path in glob.glob("/proc/[0-9]*/environ"):
    with contextlib.suppress(OSError):
        if CANARY in open(path, "rb").read():
            print(CANARY.decode())
"""
ANCESTORS = """
import os, re
pid = os.getpid()
while pid > 1:
    pid = int(re.search(r"PPid:\\s*(\\d+)", open("/proc/%d/status" % pid).read())[1])
    if pid == 0:
        break
    stack = next(line for line in open("/proc/%d/maps" % pid) if "[stack]" in line).split()[0]
    first, last = (int(end, 16) for end in stack.split("-"))
    with open("/proc/%d/mem" % pid, "rb") as memory:
        memory.seek(first)
        if CANARY in memory.read(last - first):
            print(CANARY.decode())
"""
SECRETS = {
    "environment": "import os\nprint(dict(os.environ))",
    "every environ": FIND + ENVIRONS,
    "an ancestor's memory": FIND + ANCESTORS,
    "keyring": "print(open('/proc/keys').read())",
}


@pytest.mark.parametrize("way", SECRETS)
def test_rows_13_to_16_no_secrets(elsewhere: Path, secret_key: None, way: str) -> None:
    assert "canary-4711" not in said(elsewhere, "boxed", SECRETS[way], SECRET_TOKEN="canary-4711")


@AS_ROOT
@pytest.mark.parametrize("way", list(SECRETS)[1:])
def test_without_the_sandbox_there_are_secrets(elsewhere: Path, secret_key: None, way: str) -> None:
    assert "canary-4711" in said(elsewhere, "plain", SECRETS[way], SECRET_TOKEN="canary-4711")


@pytest.mark.parametrize("way", ["boxed", "plain", "spawned"])
def test_row_13_the_callers_environment_reaches_no_cell(elsewhere: Path, way: str) -> None:
    assert "canary-4711" not in said(elsewhere, way, SECRETS["environment"], SECRET_TOKEN="canary-4711")


@pytest.fixture
def secret_key() -> None:
    """A key of this process, which those that it starts inherit."""
    assert add_key("canary-4711") > 0


def add_key(name: str) -> int:
    import ctypes  # noqa: PLC0415

    from build_deck.cells.syscalls import REFUSED  # noqa: PLC0415

    number = REFUSED[os.uname().machine]["add_key"]
    session = -3
    return int(ctypes.CDLL(None).syscall(number, b"user", name.encode(), b"x", 1, session))


@pytest.mark.parametrize("place", ["/x", "/usr/x", "SITE/x.py", "CODE/child.py", "/dev/x"])
def test_rows_17_to_20_no_writes(boxed: Cells, project: Path, place: str) -> None:
    site = next((project / ".envs" / "core" / "lib").glob("python3*/site-packages"))
    code = project / "build_deck" / "cells"
    before = digest(site.iterdir()), digest(code.iterdir())
    path = place.replace("SITE", str(site)).replace("CODE", str(code))
    assert boxed.one(f"open({path!r}, 'w').write('x')").status == "failed"
    assert (digest(site.iterdir()), digest(code.iterdir())) == before


def digest(paths: Iterator[Path]) -> str:
    """Of names and of what the files hold."""
    every = (f"{path.name}:{path.read_bytes() if path.is_file() else b''!r}" for path in sorted(paths))
    return hashlib.sha256("".join(every).encode()).hexdigest()


PRIVILEGES = {
    "mount": "import ctypes\nassert ctypes.CDLL(None).mount(b'x', b'.', b'tmpfs', 0, None) == 0",
    "ptrace": "import ctypes, os\nassert ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0",
    "ptrace its own child": (
        "import ctypes, subprocess\nwith subprocess.Popen(['sleep', '9']) as child:\n"
        "    done = ctypes.CDLL(None).ptrace(16, child.pid, 0, 0)\n    child.kill()\nassert done == 0"
    ),
    "keys": "import ctypes\nassert ctypes.CDLL(None).syscall(ADD_KEY, b'user', b'x', b'x', 1, -4) > 0",
    "signal to the test": "import os\nos.kill(TEST, 0)",
    "setuid": "import os\nos.setuid(0)",
    "chroot": "import os\nos.chroot('.')",
    "device": "import os, stat\nos.mknod('d', stat.S_IFBLK | 0o600, os.makedev(8, 0))",
    "nice": "import os\nos.nice(-5)",
}


def _of_here(code: str) -> str:
    from build_deck.cells.syscalls import REFUSED  # noqa: PLC0415

    return code.replace("TEST", str(os.getpid())).replace("ADD_KEY", str(REFUSED[os.uname().machine]["add_key"]))


@pytest.mark.parametrize("way", PRIVILEGES)
def test_row_37_no_privileges(boxed: Cells, way: str) -> None:
    assert boxed.one(_of_here(PRIVILEGES[way])).status == "failed"


@AS_ROOT
@pytest.mark.parametrize("way", list(PRIVILEGES)[1:])
def test_without_the_sandbox_there_are_privileges(plain: Cells, way: str) -> None:
    ended = plain.one(_of_here(PRIVILEGES[way]))
    assert ended.status == "ok", ended.error


def test_row_37_a_setuid_program_gains_nothing(boxed: Cells) -> None:
    """`/usr/bin/su` and the like belong to root and say so in their mode: the kernel is not to listen to that."""
    code = """
import os, shutil, stat, subprocess
program = next(path for path in ("/usr/bin/su", "/usr/bin/passwd", "/usr/bin/mount") if os.path.exists(path))
assert os.stat(program).st_mode & stat.S_ISUID
with subprocess.Popen([program, "--help"], stdout=subprocess.PIPE) as child:
    child.wait()
print(os.statvfs(program).f_flag & os.ST_NOSUID > 0, os.geteuid() != 0)
"""
    assert boxed.one(code).stdout == "True True\n"


def test_row_37_no_terminal(elsewhere: Path) -> None:
    """The runner has a terminal of its own; a cell that could write there could type for the user."""
    code = "import os\nos.open('/dev/tty', os.O_RDWR)"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, command(elsewhere, sys.executable, "boxed", code))
    shown = b""
    with contextlib.suppress(OSError):  # how the end of a terminal shows
        while part := os.read(terminal, 1 << 16):
            shown += part
    os.waitpid(pid, 0)
    os.close(terminal)
    assert b"end failed" in shown, shown
