"""A command of ours as a process of its own, as a terminal or a CI job starts and ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Command:
    """One that has been started; its temporary files lie in `scratch`."""

    process: subprocess.Popen[str]
    scratch: Path

    @classmethod
    @contextlib.contextmanager
    def started(
        cls, root: Path, *arguments: str, scratch: Path, terminal: int | None = None, ignored: int | None = None
    ) -> Iterator[Self]:
        """One that runs for a block; what is left of it then is killed. On a `terminal`, if there is one, and with the
        signal `ignored`.
        """
        scratch.mkdir(exist_ok=True)

        def prepare() -> None:
            if ignored is not None:
                signal.signal(ignored, signal.SIG_IGN)
            if terminal is not None:
                os.login_tty(terminal)
            else:
                os.setsid()

        process = subprocess.Popen(
            [sys.executable, "-m", "build_deck", *arguments, "--root", str(root)],
            cwd=PROJECT, env={**os.environ, "TMPDIR": str(scratch)}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=prepare,  # noqa: PLW1509  no thread here
        )  # fmt: skip
        try:
            yield cls(process, scratch)
        finally:
            process.kill()
            process.communicate()

    @property
    def folders(self) -> list[str]:
        """What it has left in the place for temporary files."""
        return [path.name for path in self.scratch.iterdir()]

    def until(self, happens: Callable[[], object]) -> None:
        """Wait for what comes as long as the command runs."""
        while not happens():
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.05)

    def ended(self) -> tuple[int, str, str]:
        """Its exit status and what it has said."""
        stdout, stderr = self.process.communicate(timeout=120)
        return self.process.returncode, stdout, stderr


def descendants(pid: int) -> set[int]:
    """The processes that it has started, and theirs."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().rpartition(")")
        except OSError:
            continue  # it has ended
        parents[int(name.split()[0])] = int(rest.split()[1])
    found = {pid}
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def alive(pids: set[int]) -> set[int]:
    """Those that still run."""
    found = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        found |= {pid} if state != "Z" else set()
    return found
