"""One command at a time where files are written: a lock that the operating system holds for us.

The kernel lets go of it when its holder ends, however that happens. So there is never a stale lock, and no need of a
boot id to find one out; command and process are written down for people only.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LOOK = 0.1
"""Seconds between two tries to get a lock that somebody else holds."""
PLACE = 1 << 20
"""Which byte Windows locks: not one of the text, which others could not read any more."""


class LockedError(RuntimeError):
    """Somebody else works here; the message says who."""


@contextlib.contextmanager
def locked(path: Path, command: str, *, patient: bool = False) -> Iterator[None]:
    """Hold the lock at `path` for a block; `command` is what others are told. With `patient`, wait for it.

    Raises LockedError, and OSError when the file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b", buffering=0) as stream:
        while not _taken(stream):
            if not patient:
                holder = stream.read(1000).decode(errors="replace").strip() or "another command"
                raise LockedError(f"{holder} works in this checkout; wait until it has ended")
            time.sleep(LOOK)
        stream.truncate(0)
        stream.write(f"{command} (process {os.getpid()})\n".encode())
        try:
            yield
        finally:
            stream.truncate(0)
            _release(stream)


if sys.platform == "win32":
    import msvcrt

    def _taken(stream: BinaryIO) -> bool:
        stream.seek(PLACE)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            stream.seek(0)
        return True

    def _release(stream: BinaryIO) -> None:
        stream.seek(PLACE)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _taken(stream: BinaryIO) -> bool:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(stream: BinaryIO) -> None:
        fcntl.flock(stream, fcntl.LOCK_UN)
