"""Processes that a job starts or leaves behind: what they have used and hold; find and end them all.

Linux; elsewhere the use is unknown and the process group has to do.
"""

import contextlib
import ctypes
import os
import signal
import sys
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

PR_SET_CHILD_SUBREAPER = 36


class Row(NamedTuple):
    """One process that is visible."""

    pid: int
    parent: int
    cpu: float
    """Seconds, those of children that it has waited for too."""
    threads: int


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
        table = {row.pid: row for row in _table()}
    except OSError:
        return None
    if pid not in table:
        return None
    counted = [table[pid]] if itself else []
    counted += _below(pid, table.values())
    return sum(row.cpu for row in counted), any(_is_busy(row.pid) for row in counted)


def held_below(pid: int, inherited: int) -> Tuple[int, int]:
    """What the descendants of `pid` hold together: bytes of memory that is no file's, and processes and threads.

    Of each process `inherited` bytes do not count, what it shares with the parent that forked it until it writes there.
    """
    rows = _below(pid, list(_table()))
    memory = sum(max(0, private(row.pid) - inherited) + shared(row.pid) for row in rows)
    return memory, sum(row.threads for row in rows)


def private(pid: int) -> int:
    """Bytes in memory that are not a file's or shared on purpose; 0 for a process that is gone."""
    with contextlib.suppress(OSError), open("/proc/%d/statm" % pid) as statm:
        _size, resident, shared = map(int, statm.read().split()[:3])
        return (resident - shared) * os.sysconf("SC_PAGE_SIZE")
    return 0


def shared(pid: int) -> int:
    """Bytes in memory that are shared on purpose, split between those who have them mapped; 0 for a process that is
    gone.
    """
    with contextlib.suppress(OSError):
        mapped = _kilobytes("/proc/%d/status" % pid, "RssShmem:")
        # the second walks through all that the process has mapped, and old kernels do not tell
        return 1024 * (mapped and _kilobytes("/proc/%d/smaps_rollup" % pid, "Pss_Shmem:", mapped))
    return 0


def _kilobytes(path: str, name: str, otherwise: int = 0) -> int:
    with open(path) as lines:
        return next((int(line.split()[1]) for line in lines if line.startswith(name)), otherwise)


def _below(pid: int, rows: Iterable[Row]) -> List[Row]:
    children: Dict[int, List[Row]] = {}
    for row in rows:
        children.setdefault(row.parent, []).append(row)
    found = list(children.get(pid, ()))
    for row in found:  # grows while it is walked
        found += children.get(row.pid, ())
    return found


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
    return (row.pid for row in _table() if row.parent == me)


def _table() -> Iterator[Row]:
    """Raises OSError where there is no /proc."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open("/proc/%s/stat" % name) as stat:
                # the command may contain spaces and brackets; what follows it counts from the third field
                fields = stat.read().rpartition(")")[2].split()
                cpu = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
                yield Row(int(name), int(fields[1]), cpu, int(fields[17]))
