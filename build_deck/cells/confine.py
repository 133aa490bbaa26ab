"""Confine the process that will run a job, from inside, before its first cell: limits, namespaces, mounts, ids.

`limit` works wherever there is `resource`; `isolate` needs the capabilities that the sandbox gives to the server and
raises rather than leave anything out.

Memory is bounded for each process here, and for all of a job together by the server, which looks a few times a second.
A memory cgroup would never be late, but needs a subtree that was delegated to us, which few machines give a plain user;
and the server, as large as its cells, would be in it and might be the one that the kernel kills.
"""

import ctypes
import os
import platform
import socket
import struct
import sys
from typing import Optional

from . import syscalls
from .protocol import Limits

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWNET = 0x08000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 24, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
CAPABILITY_VERSION = 0x20080522
CELL_UID = 1
"""A range of its own outside (`launch`); absent when a plain user started the sandbox."""
KEYCTL_JOIN_SESSION_KEYRING = 1
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40


def new_pid_namespace() -> int:
    """Make the next fork of this process the first of a new pid namespace; the descriptor that leads back."""
    home = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    _check(_libc().unshare(CLONE_NEWPID), "unshare pid")
    return home


def leave_pid_namespace(home: int) -> None:
    """The next fork is an ordinary one again."""
    _check(_libc().setns(home, CLONE_NEWPID), "setns pid")
    os.close(home)


def limit(limits: Limits) -> None:
    """Bound memory, file size, open files and core dumps of this process."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:  # Windows
        return
    used = _address_space()
    if used is not None:
        # what the interpreter and its libraries map already is not the cell's doing
        _set(resource.RLIMIT_AS, used + limits.memory)
    _set(resource.RLIMIT_FSIZE, limits.file)
    _set(resource.RLIMIT_NOFILE, 256)
    _set(resource.RLIMIT_CORE, 0)


def die_with_parent() -> None:
    """Have the system kill this process when its parent is killed, which then could not do it; Linux only."""
    if sys.platform == "linux":
        _check(_libc().prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0), "die with the server")


def isolate(limits: Limits) -> None:
    """New mount, ipc, network, uts and cgroup namespaces; own /proc, /scratch, /dev/shm; no id, no capability, and not
    all of the system calls (`syscalls`).
    """
    libc = _libc()
    _check(libc.unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWCGROUP), "unshare")
    _check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "make mounts private")
    safe = MS_NOSUID | MS_NODEV
    _check(libc.mount(b"proc", b"/proc", b"proc", safe | MS_NOEXEC, None), "mount /proc")
    for place in (b"/scratch", b"/dev/shm"):
        _check(libc.mount(b"tmpfs", place, b"tmpfs", safe, b"mode=1777,size=%d" % limits.scratch), "mount tmpfs")
    _raise_loopback()
    _forget_keys(libc)
    _set_process_limit(limits)
    _drop(libc)


def _drop(libc: ctypes.CDLL) -> None:
    with open("/proc/sys/kernel/cap_last_cap") as last:
        count = int(last.read()) + 1
    for capability in range(count):
        _check(libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "drop a capability")
    _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "clear ambient capabilities")
    if _has_cell_ids():
        os.setgroups([])
        os.setresgid(CELL_UID, CELL_UID, CELL_UID)
        os.setresuid(CELL_UID, CELL_UID, CELL_UID)
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    _check(libc.capset(header, bytes(24)), "drop capabilities")
    _check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    syscalls.refuse(libc)
    die_with_parent()  # after the change of ids, which undoes it


def _has_cell_ids() -> bool:
    with open("/proc/self/uid_map") as maps:
        return len(maps.readlines()) > 1


def _raise_loopback() -> None:
    import fcntl  # noqa: PLC0415  (Linux only, like everything here)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP | IFF_RUNNING))


def _forget_keys(libc: ctypes.CDLL) -> None:
    number = syscalls.REFUSED.get(platform.machine(), {}).get("keyctl")
    if number is not None:
        libc.syscall(number, KEYCTL_JOIN_SESSION_KEYRING, None)  # where this is refused, cells have no keys either


def _set_process_limit(limits: Limits) -> None:
    import resource  # noqa: PLC0415

    _set(resource.RLIMIT_NPROC, limits.processes)


def _set(which: int, value: int) -> None:
    import resource  # noqa: PLC0415

    hard = resource.getrlimit(which)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (bound, bound))


def _address_space() -> Optional[int]:
    try:
        with open("/proc/self/statm") as sizes:
            return int(sizes.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def _libc() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError("namespaces are a Linux matter")
    return ctypes.CDLL(None, use_errno=True)


def _check(status: int, what: str) -> None:
    if status:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (what, os.strerror(number)))
