"""The report that `--json` asks for: written however the command ends."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from build_deck.cli.exits import RefusedError, meaning
from build_deck.execution import Account, report_text
from build_deck.files import atomic_write
from build_deck.model.problem import Problem

OPTION = "--json"
STDOUT = "-"
UNFINISHED = -1
"""The status in a report of a command that was killed, or is still at work."""

json_option = click.option(
    OPTION, "report", metavar="FILE", help="Write what happened to this file; `-` is standard output."
)


class Reporting(click.Command):
    """A command with `json_option`. Its callback is passed a Journal and writes the account there."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; the report tells of one that cannot be read, too."""
        given = tuple(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError:
            with _reported(_asked_for(given)):
                raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and write down how it ends."""
        with _reported(ctx.params.pop("report")) as ctx.obj:
            return super().invoke(ctx)


class Journal:
    """Where the account of one command goes: a file, standard output, or nowhere."""

    def __init__(self, target: str | None) -> None:
        self._target = target
        self._stdout = sys.stdout
        self._account, self._problems = Account(), tuple[Problem, ...]()
        self._status = UNFINISHED

    @property
    def on_stdout(self) -> bool:
        """Whether standard output is the report's, and all else is to be said on standard error."""
        return self._target == STDOUT

    def begin(self) -> None:
        """Write that nothing is finished: a path that is none is better known before hours of work than after, and an
        older report must not pass for this command's. Raises OSError.
        """
        if not self.on_stdout:
            self._put("not finished")

    def write(self, account: Account, problems: Iterable[Problem], status: int) -> None:
        """Write what came of the command, with the `problems` that others found. Raises OSError."""
        self._account, self._problems, self._status = account, tuple(problems), status
        self._put()

    def fail(self, fault: BaseException) -> None:
        """Write that `fault` ended the command, to what is known by then."""
        status, reason = meaning(fault)
        if self._status == status or (self.on_stdout and self._status != UNFINISHED):
            return
        self._status = status
        self._problems = fault.problems if isinstance(fault, RefusedError) else self._problems
        with contextlib.suppress(OSError):
            self._put(reason)

    def _put(self, reason: str = "") -> None:
        if self._target is None:
            return
        text = report_text(self._account, self._problems, self._status, reason)
        if self.on_stdout:
            click.echo(text, file=self._stdout, nl=False)
        else:
            atomic_write(Path(self._target), text)


@contextlib.contextmanager
def _reported(target: str | None) -> Iterator[Journal]:
    journal = Journal(target)
    journal.begin()
    with contextlib.redirect_stdout(sys.stderr) if journal.on_stdout else contextlib.nullcontext():
        try:
            yield journal
        except BaseException as fault:
            journal.fail(fault)
            raise


def _asked_for(args: Sequence[str]) -> str | None:
    """Where the report is to go by a command line that cannot be read otherwise."""
    words = list(args[: args.index("--")] if "--" in args else args)
    found = [after for word, after in itertools.pairwise(words) if word == OPTION]
    found += [word.partition("=")[2] for word in words if word.startswith(f"{OPTION}=")]
    return found[-1] if found else None
