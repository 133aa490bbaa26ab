"""How a command ends: the exit statuses, and the one place where an exception becomes one of them."""

from __future__ import annotations

import contextlib
import errno
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from enum import IntEnum
from types import FrameType
from typing import Any

import click

from build_deck import run
from build_deck.bootstrap import SetupError
from build_deck.lock import LockedError
from build_deck.model.problem import Problem


class Status(IntEnum):
    """What the exit status of every command means."""

    DONE = 0
    FAULTY_INPUT = 2
    NOT_VERIFIED = 3
    CANNOT_RUN = 4
    NO_RESOURCE = 5
    OUR_FAULT = 6
    LOCKED = 7
    INTERRUPTED = 128 + signal.SIGINT
    TERMINATED = 128 + signal.SIGTERM


SIGNALLED: dict[int, str] = {Status.TERMINATED: "terminated"}
"""What is said about statuses that a signal ends the command with."""


class RefusedError(Exception):
    """The deck cannot be used as it is; its problems have been told."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("nothing was run: the problems above come first")
        self.problems = problems


MEANINGS: tuple[tuple[type[BaseException], Status, str], ...] = (
    (KeyboardInterrupt, Status.INTERRUPTED, "interrupted"),
    (RefusedError, Status.FAULTY_INPUT, "{}"),
    (SetupError, Status.CANNOT_RUN, "setup: {}"),
    (run.ClusterError, Status.CANNOT_RUN, "cluster: {}"),
    (run.SandboxError, Status.CANNOT_RUN, "cells cannot be sandboxed here: {} (--trust runs them unconfined)"),
    (run.EngineError, Status.CANNOT_RUN, "cells cannot run here: {}"),
    (LockedError, Status.LOCKED, "locked: {}"),
)


class Commands(click.Group):
    """A group of commands that end with a Status and a line, and with a traceback only where the fault is ours."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            with _terminable():
                return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except (Exception, KeyboardInterrupt) as fault:
            if isinstance(fault, OSError) and fault.errno == errno.EPIPE:
                raise  # nobody reads any more
            status, line = meaning(fault)
            click.echo(line, err=True)
            if status is Status.OUR_FAULT:
                traceback.print_exc()
            sys.exit(status)


def meaning(fault: BaseException) -> tuple[int, str]:
    """The exit status of a command that `fault` ends, and what is said about it in one line."""
    if isinstance(fault, SystemExit):
        status = fault.code if isinstance(fault.code, int) else Status.OUR_FAULT
        return status, SIGNALLED.get(status, "")
    if isinstance(fault, click.ClickException):
        return fault.exit_code, fault.format_message()
    for kind, status, text in MEANINGS:
        if isinstance(fault, kind):
            return status, text.format(fault)
    if isinstance(fault, OSError):
        where = fault.filename2 or fault.filename
        return Status.NO_RESOURCE, f"{where}: {fault.strerror}" if where else str(fault)
    return Status.OUR_FAULT, f"this is a fault of ours, not of the deck; please report it: {fault!r}"


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the command as an exception does: engines are closed, nothing is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # not a second time while things are being put away
        sys.exit(Status.TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
