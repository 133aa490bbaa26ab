"""Anki is closed, as by the cross in its corner, in the middle of a run: nothing of it may be left."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from pathlib import Path
from typing import Any

from tests.addon.addon_window import AddonWindow, play


def scene(window: AddonWindow, out: Path) -> dict[str, Any]:
    """What there was while the cell ran, and what is left when Anki has taken its leave."""
    scratch = out / "scratch"
    scratch.mkdir()
    tempfile.tempdir = str(scratch)
    window.visit("endless")
    window.press("endless")
    window.until("endless", lambda cell: "begun" in cell["printed"])
    running = _left(window, scratch)
    left: list[int] = []
    window.app.exit = left.append  # what would end Qt's own loop, and with it the process
    window.main.close()
    window.wait(lambda: left, "Anki to take its leave")
    with contextlib.suppress(TimeoutError):
        window.wait(lambda: not any(_left(window, scratch).values()), "the run to end", 10)
    return {"running": running, "left": _left(window, scratch), "exit": left, "profile": window.main.col is None}


def _left(window: AddonWindow, scratch: Path) -> dict[str, int]:
    threads = [each for each in threading.enumerate() if each.name.startswith(("proofdeck", "cells"))]
    return {"processes": len(window.children()), "threads": len(threads), "files": len([*scratch.iterdir()])}


if __name__ == "__main__":
    play(scene)
