"""A job that tries to get out of the sandbox. It must end well before the first cell of anybody may run."""

from typing import Tuple

from . import syscalls
from .protocol import Job, Outcome, Snippet

SOURCE = """
import ctypes, errno, os, socket

def status(name):
    return next(line.split()[1] for line in open("/proc/self/status") if line.startswith(name))

def refused(action, *arguments):
    try:
        action(*arguments)
    except OSError:
        return True
    return False

assert os.getpid() == 1, "other processes are visible"
assert [name for name in os.listdir("/proc") if name.isdigit()] == ["1"], "other processes are visible"
assert not os.path.exists(CANARY), "files of the host are visible"
assert not [path for path in ("/etc/passwd", "/etc/shadow", "/var", "/sys") if os.path.exists(path)], "the host shows"
assert all(int(status(name), 16) == 0 for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")), "capabilities are left"
assert status("NoNewPrivs") == "1", "privileges can be gained"
assert status("Seccomp") == FILTERED, "system calls are not filtered"
assert len(open("/proc/self/uid_map").readlines()) == 1 or os.getuid() != 0, "the uid was kept"
assert ctypes.CDLL(None).unshare(0x10000000) != 0, "a user namespace can be made"
assert all(refused(open, path, "w") for path in ("/x", "/usr/x", "/dev/x", CODE + "/x")), "the system is writable"
assert refused(os.listdir, "/proc/2"), "other processes are visible"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    assert refused(any_socket.connect, ("192.0.2.1", 9)), "there is a network"
assert [name for _, name in socket.if_nameindex()] in ([], ["lo"]), "there is a network"
import resource
assert resource.getrlimit(resource.RLIMIT_NPROC)[0] <= 64, "processes are not limited"
open(os.path.join(os.environ["TMPDIR"], "x"), "w").close()
"""


def job(canary: str) -> Job:
    """The test; `canary` is a file of the host that must not exist inside."""
    filtered = "2" if syscalls.known() else "0"
    head = "CANARY = %r; CODE = %r; FILTERED = %r" % (canary, __file__.rpartition("/")[0], filtered)
    return Job("selftest", (Snippet("selftest", head + SOURCE, "sandbox self-test", 1),))


def complaint(ended: Tuple[Outcome, ...]) -> str:
    """What the test found."""
    return "\n".join(outcome.error.strip() + "\n" + outcome.stderr for outcome in ended).strip()
