"""Processes that a job leaves behind: find and end them all. Linux; elsewhere the process group has to do."""

import contextlib
import ctypes
import os
import signal
import sys
from typing import Iterator

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Make every orphaned descendant a child of this process, so that a double fork does not escape."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def thread_count() -> int:
    """Threads of this process; 1 where the system does not tell."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def kill_descendants() -> None:
    """Kill and reap until this process has no child left, whatever sessions and forks they hide in."""
    while True:
        try:
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            for child in _children():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, 0)


def _children() -> Iterator[int]:
    me = os.getpid()
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open("/proc/%s/stat" % name) as stat:
                # the command may contain spaces and brackets; the parent is the second field after it
                if int(stat.read().rpartition(")")[2].split()[1]) == me:
                    yield int(name)
