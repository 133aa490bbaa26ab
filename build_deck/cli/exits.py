"""How a command ends: the exit statuses, and the one place where an exception becomes one of them."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
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
    HUNG_UP = 129
    INTERRUPTED = 130
    UNREAD = 141
    TERMINATED = 143


SIGNALLED: dict[int, str] = {Status.HUNG_UP: "hung up", Status.TERMINATED: "terminated"}
"""What is said about the statuses that ENDING end a command with: 128 and the signal's number, as for all of them."""
ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class RefusedError(Exception):
    """The deck cannot be used as it is; its problems have been told."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("nothing was run: the problems above come first")
        self.problems = problems


MEANINGS: tuple[tuple[type[BaseException], Status, str], ...] = (
    (KeyboardInterrupt, Status.INTERRUPTED, "interrupted"),
    (BrokenPipeError, Status.UNREAD, "nobody reads what is said"),
    (RefusedError, Status.FAULTY_INPUT, "{}"),
    (SetupError, Status.CANNOT_RUN, "setup: {}"),
    (run.ClusterError, Status.CANNOT_RUN, "cluster: {}"),
    (run.SandboxError, Status.CANNOT_RUN, "cells cannot be sandboxed here: {} (--trust runs them unconfined)"),
    (run.EngineError, Status.CANNOT_RUN, "cells cannot run here: {}"),
    (LockedError, Status.LOCKED, "locked: {}"),
)


class Commands(click.Group):
    """A group of commands that end with a Status and a line, and with a traceback only where the fault is ours."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Read the command line, run the command, exit."""
        with _readers():
            return super().main(*args, **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line."""
        with _readers():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        with _readers():
            try:
                with _terminable():
                    return super().invoke(ctx)
            except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
                raise
            except (Exception, KeyboardInterrupt) as fault:
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
def _readers() -> Iterator[None]:
    """Where nobody reads any more, end without a word and with the status that the signal for it would have given."""
    try:
        yield
    except BrokenPipeError:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):  # a test's stream has no number
                _mute(stream.fileno())
        sys.exit(Status.UNREAD)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let the signals of ENDING end the command as an exception does: engines are closed, nothing is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(signum: int, frame: FrameType | None) -> None:
        for each in ENDING:
            signal.signal(each, signal.SIG_IGN)  # not a second time while things are being put away
        for number in (1, 2) if 128 + signum == Status.HUNG_UP else ():
            _mute_terminal(number)
        sys.exit(128 + signum)

    # nohup has a command ignore that its terminal is closed
    before = {each: signal.signal(each, end) for each in ENDING if signal.getsignal(each) is not signal.SIG_IGN}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _mute_terminal(number: int) -> None:
    """Writing to a terminal that was closed is an error, which would take the place of what ends the command."""
    with contextlib.suppress(OSError):
        if stat.S_ISCHR(os.fstat(number).st_mode):
            _mute(number)


def _mute(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
