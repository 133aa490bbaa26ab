"""Make an interpreter with torch, numpy and matplotlib, when the user has asked for one. Downloads gigabytes."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from .pythons import Python


@dataclass(frozen=True)
class Progress:
    """One line of what goes on; the last has `python` (it worked) or `failed` (why not)."""

    line: str
    python: str = ""
    failed: str = ""


def make(base: Python, folder: Path, cancel: threading.Event) -> Iterator[Progress]:
    """Make a virtual environment in `folder` on top of `base`, with uv where there is one, else venv and pip.

    Call it off the UI thread. Setting `cancel` ends it within a second and removes what was made.
    """
    raise NotImplementedError
