"""How long the add-on's own code keeps the window's thread: Python 3.9, as in the oldest Anki."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import FrameType


class OwnWork:
    """Milliseconds of processor time of each call into the add-on from outside, with all that it calls, at most.

    Not wall time, which on a busy machine is anybody's. Counts while `watching`; a call that holds a dialog of its own
    open is not one of those that this is about.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._outer: FrameType | None = None
        self._began = 0.0
        self._worst = (0.0, "")
        self._calls = 0

    def __enter__(self) -> OwnWork:
        self._worst, self._calls, self._outer = (0.0, ""), 0, None
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and self._outer is None and frame.f_code.co_filename.startswith(self._folder):
            self._outer, self._began = frame, time.thread_time()
        elif event == "return" and frame is self._outer:
            took = 1000 * (time.thread_time() - self._began)
            self._worst = max(self._worst, (took, frame.f_code.co_name))
            self._outer = None
            self._calls += 1

    def told(self) -> dict[str, object]:
        """The longest call, which it was, and how many there were."""
        return {"own": round(self._worst[0], 1), "of": self._worst[1], "calls": self._calls}
