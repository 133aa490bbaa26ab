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
from typing import BinaryIO, Dict, List, cast

from . import confine
from .pages import gather
from .preload import preload
from .processes import adopt_orphans, kill_descendants, thread_count, use_of
from .protocol import ASK, RUN, Interpreter, job_from, to_json
from .single import redirect, serve_once, talk
from .toolchain import toolchain

DESCRIPTORS = 3
"""Passed with RUN: standard output, standard error, and the job's private channel."""


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
    line.sendall(to_json(toolchain()).encode() + b"\n")
    wake_reader, wake_writer = os.pipe()
    os.set_blocking(wake_writer, False)
    signal.set_wakeup_fd(wake_writer)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(line, 1, DESCRIPTORS)
        if not message:
            return
        if message == RUN:
            _serve(line, wake_reader, descriptors, sandboxed=settings.sandboxed)


def _serve(line: socket.socket, wake: int, descriptors: List[int], *, sandboxed: bool) -> None:
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
    ended = _wait(pid, line, wake)
    if not sandboxed:
        shutil.rmtree(scratch, ignore_errors=True)
    line.sendall(json.dumps(ended).encode() + b"\n")


def _wait(pid: int, line: socket.socket, wake: int) -> Dict[str, int]:
    while True:
        readable, _, _ = select.select([line.fileno(), wake], [], [])
        if line.fileno() in readable:
            message = line.recv(1)
            if message == ASK:
                line.sendall(json.dumps({"used": use_of(os.getpid(), itself=False)}).encode() + b"\n")
                continue
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            if not message:  # the runner is gone: so is its job
                kill_descendants()
                os._exit(0)
        if wake in readable:
            os.read(wake, 4096)
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            kill_descendants()
            return {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


def _become_child(scratch: str, descriptors: List[int], sandboxed: bool) -> None:
    """Never returns: whatever happens, the copy of the server must not go on serving."""
    code = 70
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
