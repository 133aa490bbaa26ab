"""A job in a fresh interpreter, where there is no fork or forking is not safe (Windows, macOS).

A spare process is started and loads its modules before it is needed; it serves one job and is replaced. What the job
prints goes to two files that are read here, through descriptors from before the job: what it puts in their place is
nobody's business. Its events come through the pipe that was the process's standard output.

On Linux the process is two (`single`): one that runs the job, and its parent, which ends all that the job leaves
behind. Elsewhere what has left the process group of its job, or on Windows its parent, may outlive it.
"""

import contextlib
import json
import os
import queue
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from io import FileIO
from typing import IO, Dict, Iterator, List, Optional, cast

from .processes import use_of
from .protocol import Event, Job, Toolchain
from .session import CHUNK, Session

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""A program without a console, such as Anki, would otherwise open one for each child on Windows."""
SILENT = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
POLL = 0.2
"""Seconds between two looks at what a running cell has printed."""
PARTING = 5.0
"""Seconds for a process and its descendants to be gone."""
START = "start"
"""File for what the process says before its job has streams of its own."""
LONGEST_COMPLAINT = 2000
"""Characters."""


class Spare:
    """A process that has loaded its modules, or still does."""

    def __init__(self, command: List[str], environment: Dict[str, str]) -> None:
        self.folder = tempfile.mkdtemp(prefix="proofdeck-")
        homes = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "MPLCONFIGDIR")
        inside = {**environment, **dict.fromkeys(homes, self.folder)}
        self.printed: Dict[str, FileIO] = {}
        for stream in ("stdout", "stderr"):
            path = os.path.join(self.folder, stream)
            open(path, "wb").close()
            self.printed[stream] = FileIO(path)
        with open(os.path.join(self.folder, START), "wb") as start:
            self.process = subprocess.Popen(
                command, env=inside, cwd=self.folder, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=start, creationflags=NO_WINDOW,
            )  # fmt: skip
        self.lines: "queue.Queue[Optional[bytes]]" = queue.Queue()
        threading.Thread(target=self._listen, name="cells-events", daemon=True).start()

    def _listen(self) -> None:
        # a pipe of Windows can be waited for in no other way
        for line in cast(IO[bytes], self.process.stdout):
            self.lines.put(line)
        self.lines.put(None)

    @property
    def ended(self) -> bool:
        """Whether the process is gone, as after a sleep or for want of memory."""
        return self.process.poll() is not None

    def hello(self, seconds: float) -> Optional[Toolchain]:
        """What the process has loaded; None when it ended instead, or took too long."""
        with contextlib.suppress(queue.Empty):
            line = self.lines.get(timeout=seconds)
            if line is not None:
                return Toolchain(**json.loads(line))
        return None

    def complaint(self) -> str:
        """The end of what it said while it started."""
        with contextlib.suppress(OSError), open(os.path.join(self.folder, START), "rb") as start:
            return start.read().decode("utf-8", "replace")[-LONGEST_COMPLAINT:]
        return ""

    def send(self, data: bytes) -> None:
        """Write to its standard input. Raises OSError when it is gone."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def stop(self) -> None:
        """Have it end with its descendants, without waiting for that."""
        if sys.platform == "win32":
            with contextlib.suppress(OSError):
                subprocess.Popen(self._taskkill(), creationflags=NO_WINDOW, **SILENT)
        elif sys.platform == "linux":
            self.process.terminate()  # the parent of the job's process, which then kills them all
        else:
            self.kill()

    def _taskkill(self) -> List[str]:
        return ["taskkill", "/T", "/F", "/PID", str(self.process.pid)]

    def kill(self) -> None:
        """End it and its descendants, as far as they can be found from here; on Windows this takes its time."""
        if sys.platform == "win32":
            with contextlib.suppress(OSError):
                subprocess.run(self._taskkill(), check=False, creationflags=NO_WINDOW, **SILENT)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and forget its files."""
        self.stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PARTING)
        self.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, *self.printed.values()):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class SpawnedSession(Session):
    """One job in `spare`, which has said hello."""

    def __init__(self, spare: Spare, job: Job) -> None:
        super().__init__(job, secrets.token_hex(16))
        self._spare = spare
        with contextlib.suppress(OSError):  # a process that died at once is seen by its end
            spare.send(self._order())

    def finish(self) -> bool:
        """End the process, which serves no second job."""
        self._spare.close()
        return False

    def _pump(self, seconds: float) -> Iterator[Event]:
        try:
            line = self._spare.lines.get(timeout=min(seconds, POLL))
        except queue.Empty:
            yield from self._drain()
            return
        if line is None:
            self._ended = True
            self._signal = max(0, -self._spare.process.wait())
        else:
            yield from self._take(line)

    def _drain(self) -> Iterator[Event]:
        for stream, printed in self._spare.printed.items():
            yield from self._print(stream, printed.read(max(CHUNK, 8 * self._job.limits.output)))

    def _ask(self) -> None:
        self._told(use_of(self._spare.process.pid, itself=True))

    def _acknowledge(self) -> None:
        self._spare.send(b"\n")

    def _stop(self) -> None:
        self._spare.stop()

    def _lose(self) -> None:
        self._ended = True
        self._verdict = self._verdict or "lost"
