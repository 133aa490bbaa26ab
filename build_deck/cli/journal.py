"""The file that `--json` asks for: written however the command ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from build_deck.cli.exits import RefusedError, meaning
from build_deck.execution import Account, write_report
from build_deck.model.problem import Problem

Writer = Callable[[Account, Iterable[Problem], int], None]
UNFINISHED = -1
"""The status in a report of a command that was killed, or is still at work."""


@contextlib.contextmanager
def reported(path: Path | None) -> Iterator[Writer]:
    """Yields what writes the account; whatever ends the block otherwise is written down as the reason.

    The file is written at once, too: one that cannot be written is better known before hours of work than after, and
    an older report must not pass for this command's. Raises OSError.
    """
    if path is None:
        yield lambda account, problems, status: None
        return
    write_report(path, Account(), (), UNFINISHED, "not finished")
    try:
        yield lambda account, problems, status: write_report(path, account, problems, status)
    except BaseException as fault:
        status, reason = meaning(fault)
        problems = fault.problems if isinstance(fault, RefusedError) else ()
        with contextlib.suppress(OSError):
            write_report(path, Account(), problems, status, reason)
        raise
