"""Progress bars on a terminal; silence when the output is not one."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from build_deck.model.event import Progress

PATIENCE = 0.4
"""Seconds before a bar appears: what is done by then needs none."""


class Bars:
    """Draws `Progress` events, one bar a stage; rich is imported only once something takes long enough to show."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._display: Any = None
        self._tasks: dict[str, Any] = {}

    def __call__(self, event: Progress) -> None:
        """Show one event, unless the build has been too short to need it."""
        if not sys.stderr.isatty() or time.monotonic() - self._began < PATIENCE:
            return
        if self._display is None:
            self._display = _display()
            self._display.start()
        if event.stage not in self._tasks:
            self._tasks[event.stage] = self._display.add_task(event.stage, total=event.total, item="")
        self._display.update(self._tasks[event.stage], completed=event.done, total=event.total, item=event.item)

    def close(self) -> None:
        """Take the bars away."""
        if self._display is not None:
            self._display.stop()


@contextmanager
def bars() -> Iterator[Bars]:
    """Bars that are gone when the block ends, whatever ended it."""
    display = Bars()
    try:
        yield display
    finally:
        display.close()


def _display() -> Any:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    item = TextColumn("[dim]{task.fields[item]}")
    return Progress(*columns, item, console=Console(stderr=True), transient=True)
