"""Set a fresh machine up: system packages, `.venv`, cell environments. Standard library only, runs on the bare Python.

    python3 -m build_deck.bootstrap build     what `make deck` needs
    python3 -m build_deck.bootstrap dev       what `make test` needs
    python3 -m build_deck.bootstrap cells core
    python3 -m build_deck.bootstrap anki      what `make oldest` needs: that Anki, on the Python it came with

Each environment carries the digest of its requirement files; one that matches is left as it is.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
WINDOWS = os.name == "nt"
OLDEST_ANKI = ROOT / ".envs" / "oldest-anki"
"""Its installers carried Python 3.9, so it is tested on that."""

REQUIREMENTS = {"build": ("build.txt",), "dev": ("build.txt", "dev.txt")}
SYSTEM_PACKAGES = {
    "build": (),
    "cells": ("bubblewrap", "g++"),
    "dev": (
        "chromium", "fonts-noto-cjk", "libegl1", "libgl1", "libopengl0", "libnss3", "libxkbcommon0",
        "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-image0", "libxcb-render-util0", "libxcb-icccm4",
        "libxcb-keysyms1",
        "libxcomposite1", "libxdamage1", "libxrandr2", "libxtst6", "libxkbfile1", "libasound2", "libdbus-1-3",
        "libfontconfig1",
    ),
}  # fmt: skip
"""Debian packages: the cells' sandbox and the compiler of cuda cells; the real browser with Chinese glyphs, and what
Qt WebEngine loads.
"""


class SetupError(Exception):
    """Setting up failed; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Set up what the arguments name; 0 when it stands."""
    try:
        if sys.version_info < OLDEST_PYTHON:
            found = ".".join(map(str, sys.version_info[:3]))
            raise SetupError(f"Python 3.11 or newer is needed, this is {found}: make PYTHON=/path/to/python3.11 …")
        if arguments[:1] == ["cells"]:
            for env in arguments[1:]:
                ensure_cell_environment(env)
        elif arguments == ["anki"]:
            ensure_oldest_anki()
        elif arguments in (["build"], ["dev"]):
            ensure_system_packages(arguments[0])
            ensure_environment(ROOT / ".venv", arguments[0], requirement_files(arguments[0]))
        else:
            raise SetupError("usage: python3 -m build_deck.bootstrap build | dev | anki | cells ENV …")
    except SetupError as fault:
        print(f"setup: {fault}", file=sys.stderr)
        return 2
    return 0


def requirement_files(name: str) -> tuple[Path, ...]:
    """The hashed requirement files of the base environment, `build` or `dev`."""
    return tuple(ROOT / "requirements" / file for file in REQUIREMENTS[name])


def cell_requirement_files(env: str, root: Path = ROOT) -> tuple[Path, ...]:
    """The requirement files of a cell environment: the hashed one, torch's own pin, what is built from source on it."""
    paths = (root / "requirements" / f"cells-{env}{part}.txt" for part in ("", ".torch", ".source"))
    return tuple(path for path in paths if path.is_file())


def python_of(environment: Path) -> Path:
    """The interpreter inside a virtual environment."""
    return environment / ("Scripts/python.exe" if WINDOWS else "bin/python")


def ensure_cell_environment(env: str) -> None:
    """Create or renew `.envs/<env>`; raises SetupError for an environment without requirements."""
    files = cell_requirement_files(env)
    if not files:
        raise SetupError(f"no requirements/cells-{env}.txt: an environment is pinned there first")
    ensure_system_packages("cells")
    ensure_environment(ROOT / ".envs" / env, env, files)


def ensure_oldest_anki() -> None:
    """Create or renew `.envs/oldest-anki`; raises SetupError where no Python 3.9 can be had."""
    ensure_system_packages("dev")
    files = (ROOT / "requirements" / "oldest-anki.txt",)
    python = sys.executable if python_of(OLDEST_ANKI).is_file() else _python_3_9()
    ensure_environment(OLDEST_ANKI, "oldest-anki", files, python)


def _python_3_9() -> str:
    """A working Python 3.9: on the PATH, among pyenv's, uv's own, or one that uv fetches."""
    uv = shutil.which("uv")
    managed = sorted(Path.home().glob(".pyenv/versions/3.9.*/bin/python3.9"), reverse=True)
    for candidate in (shutil.which("python3.9"), *map(str, managed)):
        if candidate and _answers(candidate, "-c", "import ensurepip, sys; print(sys.version_info[1])") == "9":
            return candidate
    if uv and (found := _answers(uv, "python", "find", "3.9")):
        return found
    if uv:
        _say("fetching Python 3.9 with uv")
        _run([uv, "python", "install", "3.9"], "")
        return _answers(uv, "python", "find", "3.9")
    raise SetupError("Python 3.9 is needed to test with the oldest Anki: pyenv install 3.9, or uv on the PATH")


def _answers(*command: str) -> str:
    """What the command prints; empty when it fails, as pyenv's shims do for a Python that is not chosen."""
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout.strip() if run.returncode == 0 else ""


def ensure_environment(folder: Path, name: str, files: tuple[Path, ...], python: str = sys.executable) -> None:
    """Make `folder` hold exactly what `files` pin; hashed files are installed with their hashes checked."""
    if holds(folder, name, files):
        return
    stamp = folder / f".{name}.stamp"
    stamp.unlink(missing_ok=True)  # from now on it holds something in between
    if not python_of(folder).is_file():
        _say(f"creating {folder.name}")
        _run([python, "-m", "venv", str(folder)], "on Debian or Ubuntu: apt-get install python3-venv")
    for path in files:
        _say(f"installing {path.relative_to(ROOT)} into {folder.name}")
        _run(_pip(folder, path), "see the message above; PIP_ARGS passes options on, e.g. another torch build")
    stamp.write_text(_digest(files))


def holds(folder: Path, name: str, files: tuple[Path, ...]) -> bool:
    """Whether the environment in `folder` was made from exactly these requirement files, and to the end."""
    stamp = folder / f".{name}.stamp"
    return stamp.is_file() and stamp.read_text() == _digest(files)


def _digest(files: tuple[Path, ...]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def ensure_system_packages(name: str) -> None:
    """Install missing Debian packages as root; elsewhere print the one line to run and go on."""
    if not shutil.which("dpkg-query"):
        return
    # Debian ships the interpreter without the part that makes virtual environments
    venv = () if importlib.util.find_spec("ensurepip") else (f"python3.{sys.version_info.minor}-venv",)
    missing = [*venv, *(package for package in SYSTEM_PACKAGES[name] if not _installed(package))]
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        _say(f"installing system packages: {' '.join(missing)}")
        _run(["apt-get", "update", "-q"], "")
        _run(install, "")
    else:
        _say(f"missing system packages; run: sudo {shlex.join(install)}")


def _installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"


def _pip(folder: Path, requirements: Path) -> list[str]:
    command = [
        str(python_of(folder)),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "-q",
        "-r",
        str(requirements),
    ]
    if "--hash=" in requirements.read_text():
        # the file names everything that is needed, but for torch; what it does not name is not to be fetched
        pinned = [*command, "--require-hashes", "--no-deps"]
        # the tools that build it are pinned as well, and installed by now
        return [*pinned, "--no-build-isolation"] if requirements.name.endswith(".source.txt") else pinned
    # torch: pinned, but which build (CPU, CUDA) is the user's choice
    return [*command, *shlex.split(os.environ.get("PIP_ARGS", ""))]


def _run(command: list[str], hint: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    log = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment
    )
    if log.returncode != 0:
        sys.stderr.write(log.stdout)
        raise SetupError(f"`{shlex.join(command)}` failed" + (f" ({hint})" if hint else ""))


def _say(text: str) -> None:
    print(f"setup: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
