"""Inside the process of one job: its streams, its talk with the other side; and all of it where nothing is forked."""

import json
import os
import select
import signal
import sys
from typing import Any, BinaryIO, Dict, cast

from . import child, confine
from .preload import preload
from .processes import adopt_orphans, kill_descendants
from .protocol import Interpreter, Job, job_from, to_json
from .toolchain import toolchain

LOOK = 0.5
"""Seconds between two looks whether the runner, for which all this is done, is still there."""


def redirect(stdout: int, stderr: int) -> None:
    """Make these descriptors the process's streams, for Python and for everything below it; nothing to read."""
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (stdout, 1), (stderr, 2)):
        os.dup2(source, target)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        stream = open(descriptor, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)


def talk(reader: BinaryIO, writer: BinaryIO, job: Job, nonce: str) -> None:
    """Execute `job`; every event carries the nonce, after every cell the other side is waited for."""

    def send(event: Dict[str, Any]) -> None:
        writer.write(json.dumps({**event, "nonce": nonce}).encode() + b"\n")
        writer.flush()

    child.execute(job, send, lambda: reader.read(1))


def serve_once(settings: Interpreter) -> None:
    """Load modules, say hello, run the one job that comes, end. Events go where stdout went, prints to files."""
    if sys.platform == "linux":
        _become_two()
    reader = cast(BinaryIO, os.fdopen(os.dup(0), "rb"))
    writer = cast(BinaryIO, os.fdopen(os.dup(1), "wb"))
    flags = os.O_WRONLY | os.O_APPEND
    redirect(os.open("stdout", flags), os.open("stderr", flags))
    preload(settings)
    writer.write(to_json(toolchain(settings)).encode() + b"\n")
    writer.flush()
    order = json.loads(reader.readline() or "null")
    if order is not None:  # else nobody wanted this process
        job = job_from(order["job"])
        confine.limit(job.limits)
        talk(reader, writer, job, order["nonce"])
    sys.stdout.flush()
    os._exit(0)


def _become_two() -> None:
    """Go on in a child; the parent, which has loaded nothing, waits and ends what the job leaves behind."""
    runner = os.getppid()
    adopt_orphans()
    pid = os.fork()
    if pid == 0:
        confine.die_with_parent()
        return
    for descriptor in (0, 1, 2):  # or the other side would take us for the child
        os.close(descriptor)
    signal.signal(signal.SIGTERM, lambda _number, _frame: _end_all(signal.SIGKILL))
    ended = os.pidfd_open(pid)
    while not select.select([ended], [], [], LOOK)[0]:
        if os.getppid() != runner:
            _end_all(signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    _end_all(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


def _end_all(number: int) -> None:
    """Kill and reap everything below this process, then end as the child did. Never returns."""
    kill_descendants()
    if number:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(0)
