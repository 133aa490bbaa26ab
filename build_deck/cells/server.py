"""The preloaded parent: runs inside the chosen interpreter, imports torch and matplotlib once, forks a child per job.

One job at a time, one thread, never CUDA: a forked child can use neither its parent's threads nor its GPU context.
It parses nothing that a cell wrote: jobs and results travel between `runner` and the child on a socket of their own.
"""

import contextlib
import gc
import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from typing import Any, BinaryIO, Dict, List, cast

from . import confine
from .pages import gather
from .preload import preload
from .processes import adopt_orphans, held_below, kill_descendants, private, thread_count, use_of
from .protocol import ASK, BOUNDS, RUN, Interpreter, job_from, to_json
from .single import redirect, serve_once, talk
from .toolchain import toolchain

DESCRIPTORS = 3
"""Passed with RUN: standard output, standard error, and the job's private channel."""
WATCH = 0.25
"""Seconds between two looks at what a job holds; a small cell ends before the first."""

UNFIT = 70
"""Exit status of a process that could not be confined as its job demands."""


def main(control: int, interpreter: str) -> None:
    """Preload, say hello, then serve jobs until the other side hangs up."""
    settings = Interpreter(**json.loads(interpreter))
    if settings.spawn:
        serve_once(settings)
        return
    line = socket.socket(fileno=control)
    preload(settings)
    adopt_orphans()
    gc.collect()
    gc.freeze()  # a child that collects garbage would otherwise copy every page it looks at
    gather()
    line.sendall(to_json(toolchain(settings)).encode() + b"\n")
    wake_reader, wake_writer = os.pipe()
    os.set_blocking(wake_writer, False)
    signal.set_wakeup_fd(wake_writer)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(line, 1, DESCRIPTORS)
        if not message:
            return
        if message == RUN:
            bounds = BOUNDS.unpack(line.recv(BOUNDS.size, socket.MSG_WAITALL))
            _serve(line, wake_reader, descriptors, Watch(*bounds), sandboxed=settings.sandboxed)


class Watch:
    """Whether all processes of a job together hold more than the job may; each by itself has limits of its own."""

    def __init__(self, memory: int, tasks: int) -> None:
        self._memory = memory
        self._tasks = tasks
        self._inherited = private(os.getpid())
        self._next = time.monotonic() + WATCH

    @property
    def pause(self) -> float:
        """Seconds until the next look."""
        return max(0.0, self._next - time.monotonic())

    def excess(self) -> str:
        """What there is too much of: `memory`, `processes`, or nothing."""
        if time.monotonic() < self._next:
            return ""
        self._next = time.monotonic() + WATCH
        memory, tasks = held_below(os.getpid(), self._inherited)
        return "memory" if memory > self._memory else "processes" if tasks >= self._tasks else ""


def _serve(line: socket.socket, wake: int, descriptors: List[int], watch: Watch, *, sandboxed: bool) -> None:
    if thread_count() > 1:
        raise RuntimeError("the server has started threads; forking it would deadlock")
    # in the sandbox the folder is empty afterwards: the child's own mount covers it
    scratch = "/scratch" if sandboxed else tempfile.mkdtemp(prefix="cell-")
    home = confine.new_pid_namespace() if sandboxed else -1
    pid = os.fork()
    if pid == 0:
        _become_child(scratch, descriptors, sandboxed)
    if sandboxed:
        confine.leave_pid_namespace(home)
    for descriptor in descriptors:
        os.close(descriptor)
    ended = _wait(pid, line, wake, watch)
    if not sandboxed:
        shutil.rmtree(scratch, ignore_errors=True)
    line.sendall(json.dumps(ended).encode() + b"\n")


def _wait(pid: int, line: socket.socket, wake: int, watch: Watch) -> Dict[str, Any]:
    excess = ""
    while True:
        readable, _, _ = select.select([line.fileno(), wake], [], [], watch.pause)
        if line.fileno() in readable:
            message = line.recv(1)
            if message == ASK:
                line.sendall(json.dumps({"used": use_of(os.getpid(), itself=False)}).encode() + b"\n")
                continue
            _kill(pid)
            if not message:  # the runner is gone: so is its job
                kill_descendants()
                os._exit(0)
        if wake in readable:
            os.read(wake, 4096)
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            kill_descendants()
            unfit = os.WIFEXITED(status) and os.WEXITSTATUS(status) == UNFIT
            return {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, "excess": excess, "unfit": unfit}
        if not excess and (excess := watch.excess()):
            _kill(pid)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _become_child(scratch: str, descriptors: List[int], sandboxed: bool) -> None:
    """Never returns: whatever happens, the copy of the server must not go on serving."""
    code = UNFIT
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        channel = _redirect(descriptors)
        order = json.loads(channel.readline())
        job = job_from(order["job"])
        if sandboxed:
            confine.isolate(job.limits)
        else:
            confine.die_with_parent()
        confine.limit(job.limits)
        os.chdir(scratch)
        os.environ.update(HOME=scratch, TMPDIR=scratch)
        tempfile.tempdir = None
        talk(channel, channel, job, order["nonce"])
        code = 0
    except (OSError, ValueError, KeyError, TypeError) as error:
        with contextlib.suppress(OSError):
            os.write(2, ("the process of the cells could not start: %r\n" % (error,)).encode())
    finally:
        os._exit(code)


def _redirect(descriptors: List[int]) -> BinaryIO:
    stdout, stderr, channel = descriptors
    redirect(stdout, stderr)
    # nothing of the server stays open, its control line least of all
    kept = 3
    os.dup2(channel, kept, inheritable=False)
    os.closerange(kept + 1, 4096)
    return cast(BinaryIO, socket.socket(fileno=kept).makefile("rwb"))
