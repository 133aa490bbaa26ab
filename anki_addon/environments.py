"""Make an interpreter with torch, numpy and matplotlib, when the user has asked for one. Downloads gigabytes.

Touches one new folder and no existing interpreter; what pip and uv are told by the user's own configuration holds.
Deletes nothing but what it has made itself, or has begun to.
"""

import contextlib
import os
import queue
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Dict, Generator, Iterable, Iterator, List, Optional, Tuple, cast

from .places import WINDOWS
from .pythons import NEEDED, NO_WINDOW, Python, numbers
from .strings import Words

MARK = "proofdeck.txt"
"""Lies in an environment that was made to the end."""
BEGUN = ".begun"
"""Ends the name of a file beside an environment of ours that was begun and is not made to the end. Not in it: uv makes
none where there is something.
"""
BY_HAND = "-by-hand"
"""Ends the name of the folder that commands to be typed lead to: what the user makes is his."""
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH", "ANKI_LAUNCHER_VENV_ROOT")
UV_PLACES = ("~/.local/bin/uv", "~/.cargo/bin/uv", "/opt/homebrew/bin/uv", "/usr/local/bin/uv")
OLDEST_BASE, NEWEST_BASE = (3, 10), (3, 14)
"""Pythons that torch 2.13, numpy and matplotlib have wheels for; on another pip would compile, or fail."""
UV_PYTHON = "3.12"
"""What uv fetches where there is no such Python."""
STAGES = 3
"""Of making one: the environment, its packages, a look whether they work."""


@dataclass(frozen=True)
class Progress:
    """One line of what goes on in a stage (1…STAGES); the last has `python` (it worked) or `failed` (why not)."""

    line: str
    stage: int = 0
    python: str = ""
    failed: str = ""


@dataclass(frozen=True)
class Wish:
    """What is to be made: `packages`, which bring `modules`, in a new environment `folder` on top of `base`."""

    base: Optional[Python]
    """None: uv brings one."""
    folder: Path
    packages: Tuple[str, ...] = NEEDED
    modules: Tuple[str, ...] = NEEDED
    uv: Optional[str] = None
    """The program, where there is one; `find_uv` knows."""

    @property
    def can(self) -> bool:
        """Whether there is something to make it with."""
        return bool(self.base or self.uv)


def find_uv(windows: bool = WINDOWS) -> Optional[str]:
    """The user's own uv, if there is one."""
    found = [os.path.expanduser(path) + (".exe" if windows else "") for path in UV_PLACES]
    return shutil.which("uv") or next((path for path in found if os.access(path, os.X_OK)), None)


def base_of(found: Iterable[Python], folder: Path) -> Optional[Python]:
    """The interpreter to make an environment in `folder` with: the newest that the packages are made for, never Anki's
    and never one in that folder.
    """
    fit = [each for each in found if not each.problem and OLDEST_BASE <= numbers(each.version)[:2] <= NEWEST_BASE]
    outside = [each for each in fit if not _is_inside(each.path, folder)]
    return max(outside, key=lambda each: numbers(each.version), default=None)


def _is_inside(python: str, folder: Path) -> bool:
    # the program itself is a link that leads out of its environment
    return folder.resolve() in (Path(python).parent.resolve() / "python").parents


def by_hand(wish: Wish) -> Wish:
    """The same for who types the commands himself: in a folder that is never ours."""
    return replace(wish, folder=wish.folder.with_name(wish.folder.name + BY_HAND))


def commands(wish: Wish) -> List[List[str]]:
    """What will be run, one command a stage, for people to read before it is."""
    python, base = _inside(wish.folder), wish.base.path if wish.base else UV_PYTHON
    look = [python, "-I", "-c", "import " + ", ".join(wish.modules)]
    if wish.uv:
        # with pip in it, because that is what a card asks for that needs one more package
        make = [wish.uv, "venv", "--seed", "--python", base, str(wish.folder)]
        return [make, [wish.uv, "pip", "install", "--python", python, *wish.packages], look]
    install = [python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", *wish.packages]
    return [[base, "-m", "venv", str(wish.folder)], install, look]


def spoken(command: List[str], windows: bool = WINDOWS) -> str:
    """The command as one would type it."""
    return subprocess.list2cmdline(command) if windows else " ".join(map(shlex.quote, command))


def made(folders: Iterable[str]) -> Tuple[Path, ...]:
    """Those of the folders that hold an environment of ours."""
    return tuple(Path(folder) for folder in folders if (Path(folder) / MARK).is_file())


def remove(folders: Iterable[str]) -> None:
    """Delete the environments of ours among the folders. Slow: call it off the UI thread. Raises OSError."""
    for folder in made(folders):
        shutil.rmtree(folder)


def make(wish: Wish, cancel: threading.Event, words: Words) -> Iterator[Progress]:
    """Make the environment, one line at a time; the last record says how it ended. Call it off the UI thread.

    Setting `cancel` ends what runs and removes what was made.
    """
    folder, begun = wish.folder, _begun(wish.folder)
    there = "make exists" if (folder / MARK).exists() else "make foreign" if _is_foreign(folder) else ""
    if there:
        yield Progress("", failed=words.say(there, path=folder))
        return
    shutil.rmtree(folder, ignore_errors=True)  # what an interrupted attempt left
    folder.parent.mkdir(parents=True, exist_ok=True)
    begun.touch()
    finished = False
    try:
        for stage, command in enumerate(commands(wish), 1):
            yield Progress("$ " + spoken(command), stage)
            if (yield from _follow(command, stage, cancel)):
                said = words.say("make failed", command=spoken(command))
                yield Progress("", stage, failed=words.say("make cancelled") if cancel.is_set() else said)
                return
        (folder / MARK).write_text("made by the ProofDeck add-on\n", encoding="utf-8")
        finished = True
        yield Progress("", STAGES, python=_inside(folder))
    finally:
        if not finished:
            shutil.rmtree(folder, ignore_errors=True)
        if finished or not folder.exists():  # else what could not be deleted is to be known as ours
            with contextlib.suppress(OSError):
                begun.unlink()


def is_unfinished(folder: Path) -> bool:
    """Whether an attempt that was interrupted has left something here, which the next one deletes first."""
    return folder.exists() and _begun(folder).exists() and not (folder / MARK).exists()


def _inside(folder: Path, windows: bool = WINDOWS) -> str:
    """Where the interpreter of a virtual environment is going to be."""
    return str(folder / "Scripts" / "python.exe" if windows else folder / "bin" / "python")


def _begun(folder: Path) -> Path:
    return folder.with_name(folder.name + BEGUN)


def _is_foreign(folder: Path) -> bool:
    return os.path.lexists(folder) and not is_unfinished(folder)


def _follow(command: List[str], stage: int, cancel: threading.Event) -> Generator[Progress, None, int]:
    """What the program says; its exit status, or 1 when it was cancelled or is not there."""
    try:
        process = subprocess.Popen(
            command, env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, encoding="utf-8", errors="replace", start_new_session=True, creationflags=NO_WINDOW,
        )  # fmt: skip
    except OSError as error:
        yield Progress(str(error), stage)
        return 1
    lines: "queue.Queue[Optional[str]]" = queue.Queue()
    threading.Thread(target=_listen, args=(process, lines), daemon=True).start()
    try:
        while not cancel.is_set():
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=0.2)
                if line is None:
                    return process.wait()
                yield Progress(line.rstrip(), stage)
        return 1
    finally:
        _kill(process)


def _listen(process: "subprocess.Popen[str]", lines: "queue.Queue[Optional[str]]") -> None:
    with cast(IO[str], process.stdout) as stream:
        for line in stream:
            lines.put(line)
    lines.put(None)


def _kill(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        if sys.platform == "win32":
            command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
            subprocess.run(command, capture_output=True, check=False, creationflags=NO_WINDOW)
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment() -> Dict[str, str]:
    # proxies, certificates and mirrors are the user's business and stay; lines are to come as they are written
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
