"""Make an interpreter with torch, numpy and matplotlib, when the user has asked for one. Downloads gigabytes.

Touches one new folder and no existing interpreter; what pip and uv are told by the user's own configuration holds.
"""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Dict, Generator, Iterator, List, Optional, Tuple, cast

from .places import inside
from .pythons import NEEDED, NO_WINDOW, Python
from .strings import Words

MARK = "proofdeck.txt"
"""Lies in an environment that was made to the end."""
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH", "ANKI_LAUNCHER_VENV_ROOT")
ENGLISH = Words("en")
UV_PLACES = ("~/.local/bin/uv", "~/.cargo/bin/uv", "/opt/homebrew/bin/uv", "/usr/local/bin/uv")


@dataclass(frozen=True)
class Progress:
    """One line of what goes on; the last has `python` (it worked) or `failed` (why not)."""

    line: str
    python: str = ""
    failed: str = ""


@dataclass(frozen=True)
class Wish:
    """What is to be made: `packages` in a new environment `folder` on top of `base`."""

    base: Python
    folder: Path
    packages: Tuple[str, ...] = NEEDED
    uv: Optional[str] = None
    """The program, where there is one; `find_uv` knows."""


def find_uv() -> Optional[str]:
    """The user's own uv, if there is one."""
    found = [os.path.expanduser(path) for path in UV_PLACES]
    return shutil.which("uv") or next((path for path in found if os.access(path, os.X_OK)), None)


def commands(wish: Wish) -> List[List[str]]:
    """What will be run, for people to read before it is."""
    python = inside(str(wish.folder))
    if wish.uv:
        return [
            [wish.uv, "venv", "--python", wish.base.path, str(wish.folder)],
            [wish.uv, "pip", "install", "--python", python, *wish.packages],
        ]
    return [
        [wish.base.path, "-m", "venv", str(wish.folder)],
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", *wish.packages],
    ]


def make(base: Python, folder: Path, cancel: threading.Event, words: Words = ENGLISH) -> Iterator[Progress]:
    """Make an environment with what cells need, one line at a time; the last record says how it ended.

    Call it off the UI thread. Setting `cancel` ends it within a second and removes what was made.
    """
    yield from carry_out(Wish(base, folder, uv=find_uv()), cancel, words)


def carry_out(wish: Wish, cancel: threading.Event, words: Words) -> Iterator[Progress]:
    """The same with other packages or tools."""
    folder = wish.folder
    if folder.exists() and ((folder / MARK).exists() or not (folder / "pyvenv.cfg").exists()):
        yield Progress("", failed=words.say("make exists", path=folder))
        return
    shutil.rmtree(folder, ignore_errors=True)  # what an interrupted attempt left
    folder.parent.mkdir(parents=True, exist_ok=True)
    finished = False
    try:
        for command in commands(wish):
            status = yield from _follow(command, cancel)
            if status:
                said = words.say("make failed", command=" ".join(command))
                yield Progress("", failed=words.say("make cancelled") if cancel.is_set() else said)
                return
        (folder / MARK).write_text("made by the ProofDeck add-on\n", encoding="utf-8")
        finished = True
        yield Progress("", python=inside(str(folder)))
    finally:
        if not finished:
            shutil.rmtree(folder, ignore_errors=True)


def _follow(command: List[str], cancel: threading.Event) -> Generator[Progress, None, int]:
    """What the program says; its exit status, or 1 when it was cancelled or is not there."""
    try:
        process = subprocess.Popen(
            command, env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, encoding="utf-8", errors="replace", start_new_session=True, creationflags=NO_WINDOW,
        )  # fmt: skip
    except OSError as error:
        yield Progress(str(error))
        return 1
    lines: "queue.Queue[Optional[str]]" = queue.Queue()
    threading.Thread(target=_listen, args=(process, lines), daemon=True).start()
    try:
        while not cancel.is_set():
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=0.2)
                if line is None:
                    return process.wait()
                yield Progress(line.rstrip())
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
    # proxies, certificates and mirrors are the user's business and stay
    return {name: value for name, value in os.environ.items() if name not in FOREIGN}
