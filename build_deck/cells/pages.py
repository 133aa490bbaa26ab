"""Make forking cheap: gather the server's small pages into huge ones, of which there are 500 times fewer to copy.

Linux 6.1 and later; elsewhere nothing happens. It changes speed and nothing else.
"""

import ctypes
import sys
from typing import Iterator, Tuple

MADV_COLLAPSE = 25
HUGE = 2 << 20


def gather() -> None:
    """Collapse every anonymous writable mapping of this process, piece by piece where a whole one does not go."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for first, last in _anonymous():
        if libc.madvise(first, last - first, MADV_COLLAPSE):
            for piece in range(first, last, HUGE):
                libc.madvise(piece, HUGE, MADV_COLLAPSE)


def _anonymous() -> Iterator[Tuple[int, int]]:
    with open("/proc/self/maps") as maps:
        lines = [line.split() for line in maps]
    for fields in lines:
        if fields[1].startswith("rw") and (len(fields) == 5 or fields[5] == "[heap]"):
            start, end = (int(address, 16) for address in fields[0].split("-"))
            first, last = -(-start // HUGE) * HUGE, end // HUGE * HUGE
            if last > first:
                yield first, last
