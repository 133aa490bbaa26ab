"""A desk over a folder of its own, and what a window would do with it: press, look, wait. Python 3.9."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from staged import Core

BARE = str(Path(sys.base_prefix) / "bin" / "python3")
"""A Python without torch: it starts at once."""
DEADLINE = 120.0


class Bench:
    """One profile's desk, with a clock that the test winds."""

    def __init__(self, core: Core, package: Path, profile: str = "/profiles/one", **settings: Any) -> None:
        self.core = core
        self.settings = core.settings.Settings(**{"python": BARE, "warm": False, "sandbox": "off", **settings})
        self.now = 1000.0
        self.desk = core.desk.Desk(package, profile, lambda: self.settings, "en")
        self.desk.clock = lambda: self.now
        self.seen: list[dict[str, Any]] = []
        self.page: dict[str, str] = {}
        """What a page would show as printed, by cell."""
        self.drawn: dict[tuple[str, int], list[str]] = {}
        """The pieces of figures that a page has got, by cell and number."""

    def place(self, cells: str, **changes: Any) -> Any:
        return self.core.desk.Place(**{"reviewing": True, "note": "1", "deck": "7", "cells": cells, **changes})

    def press(self, cell: str, cells: str, **changes: Any) -> Any:
        """A press long after the one before."""
        self.now += 60
        return self.desk.press(cell, self.place(cells, **changes))

    def look(self) -> None:
        """One turn of the window's timer."""
        for update in self.desk.updates():
            self.seen.append(update)
            cell = update["cell"]
            if "figure" in update:
                number, piece, _last = update["figure"]
                self.drawn.setdefault((cell, number), []).append(piece)
                continue
            if "state" in update:
                self.page[cell] = ""
            parts = update["state"]["output"] if "state" in update else update["output"]
            self.page[cell] += "".join(text for _, text in parts)

    def until(self, done: Callable[[], object]) -> None:
        """Turn until `done`; a minute and more is a failure."""
        deadline = time.monotonic() + DEADLINE
        while not done():
            assert time.monotonic() < deadline, self.seen[-3:]
            time.sleep(0.005)
            self.look()

    def finish(self) -> None:
        """Turn until there is neither a run nor news."""
        self.until(lambda: not self.desk.running)

    def approve(self, cell: str, cells: str, **changes: Any) -> Any:
        """Press, and say yes if asked."""
        answer = self.press(cell, cells, **changes)
        return self.desk.decide(answer.approval, True) if answer.kind == "ask" else answer

    def run(self, cell: str, cells: str, **changes: Any) -> dict[str, Any]:
        """Press, say yes if asked, wait: the cell's last state."""
        answer = self.approve(cell, cells, **changes)
        assert answer.kind == "started", answer
        self.finish()
        return self.state(cell, cells, **changes)

    def state(self, cell: str, cells: str, **changes: Any) -> dict[str, Any]:
        state: dict[str, Any] = self.desk.state(self.place(cells, **changes))[cell]
        return state
