"""Enter a user namespace and become bubblewrap: `python -I -S launch.py COMMAND…`. Imports nothing of ours.

As root it maps a second, unprivileged range of ids for the cells, so that limits and ownership bind them; a plain
user has only its own id. No further user namespace can be made below this one.
"""

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
CELL_ID, RANGE = 200000, 1000
"""Ids outside that inner ids 1…RANGE stand for; they own nothing."""


def enter() -> None:
    """Unshare the user namespace of this process and write its maps. Raises OSError."""
    root = os.getuid() == 0
    maps = "0 %d 1\n" % os.getuid(), "0 %d 1\n" % os.getgid()
    if root:
        maps = ("0 0 1\n1 %d %d\n" % (CELL_ID, RANGE),) * 2
    ready, go = os.pipe()
    writer = os.fork()
    if writer == 0:  # stays outside: only there is it allowed to map a range
        os.close(go)
        os.read(ready, 1)
        os._exit(_write_maps(os.getppid(), maps, root))
    os.close(ready)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "no user namespaces here")
    os.close(go)
    if os.waitpid(writer, 0)[1]:
        raise OSError("the maps of the user namespace could not be written")
    with open("/proc/sys/user/max_user_namespaces", "w") as limit:
        limit.write("0")


def _write_maps(pid: int, maps: tuple[str, str], root: bool) -> int:
    if not root:
        with open("/proc/%d/setgroups" % pid, "w") as stream:
            stream.write("deny")
    for name, text in zip(("uid_map", "gid_map"), maps):
        with open("/proc/%d/%s" % (pid, name), "w") as stream:
            stream.write(text)
    return 0


if __name__ == "__main__":
    enter()
    os.execv(sys.argv[1], sys.argv[1:])
