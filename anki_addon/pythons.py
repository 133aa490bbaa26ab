"""Find Python interpreters that could run cells and say what each has. Starts each once, in a clean environment.

Never Anki's own Python, and never one that was not found on this machine; installs nothing (`environments` does).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Optional, Tuple


@dataclass(frozen=True)
class Python:
    """One interpreter that answered. Empty strings for packages that it has not."""

    path: str
    """What to start: its own `sys.executable`."""
    source: str
    """Where it was found: config, own, path, pyenv, conda, uv, venv, launcher, system."""
    version: str = ""
    torch: str = ""
    numpy: str = ""
    matplotlib: str = ""
    devices: Tuple[str, ...] = ()
    """`cpu`, `cuda`, `mps`: what the installed torch was built for and this machine seems to have."""
    problem: str = ""
    """Why it cannot run cells (a key of `strings`); empty when it can."""


def find(data: Path, configured: str = "") -> Iterator[Python]:
    """Every interpreter on this machine, the configured one first, those with torch before those without within a
    source. Slow (0.2 s each, the first time): call it off the UI thread; what it learns is cached in `data`."""
    raise NotImplementedError


def probe(path: str, data: Path) -> Optional[Python]:
    """What the interpreter at `path` has; None when it does not answer like a Python. At most ten seconds."""
    raise NotImplementedError


def best(found: Tuple[Python, ...]) -> Optional[Python]:
    """The one to suggest: it has torch, numpy and matplotlib; the newest torch of those; None when there is none."""
    raise NotImplementedError
