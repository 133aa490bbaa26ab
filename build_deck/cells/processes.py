"""Processes that a job starts or leaves behind: what they have used; find and end them all.

Linux; elsewhere the use is unknown and the process group has to do.
"""

import contextlib
import ctypes
import os
import signal
import sys
from typing import Dict, Iterator, List, Optional, Tuple

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


def use_of(pid: int, *, itself: bool) -> Optional[Tuple[float, bool]]:
    """CPU seconds of every descendant of `pid`, or of those and `itself`, and whether one of their threads has the
    processor or would have it; None where the system does not tell.

    What they have waited for counts; what one of them leaves to be reaped outside the tree is lost.
    """
    try:
        table = {each: (parent, cpu) for each, parent, cpu in _table()}
    except OSError:
        return None
    if pid not in table:
        return None
    below: Dict[int, List[int]] = {}
    for each, (parent, _) in table.items():
        below.setdefault(parent, []).append(each)
    found = [pid]
    for each in found:  # grows while it is walked
        found += below.get(each, ())
    counted = found if itself else found[1:]
    return sum(table[each][1] for each in counted), any(map(_is_busy, counted))


def _is_busy(pid: int) -> bool:
    """Whether a thread of the process runs, could run, or waits for a disk."""
    with contextlib.suppress(OSError):
        for thread in os.listdir("/proc/%d/task" % pid):
            with contextlib.suppress(OSError), open("/proc/%d/task/%s/stat" % (pid, thread)) as stat:
                if stat.read().rpartition(")")[2].split()[0] in ("R", "D"):
                    return True
    return False


def _children() -> Iterator[int]:
    me = os.getpid()
    return (pid for pid, parent, _ in _table() if parent == me)


def _table() -> Iterator[Tuple[int, int, float]]:
    """Every process that is visible: its id, its parent's, CPU seconds. Raises OSError where there is no /proc."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open("/proc/%s/stat" % name) as stat:
                # the command may contain spaces and brackets; what follows it counts from the third field
                fields = stat.read().rpartition(")")[2].split()
                yield int(name), int(fields[1]), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
