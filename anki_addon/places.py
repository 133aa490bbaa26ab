"""Where Python interpreters lie on the three systems. Lists paths that exist; starts Windows' launcher `py` and macOS'
`xcode-select`, nothing else.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
from typing import Callable, Iterator, List, Sequence, Tuple

WINDOWS = sys.platform == "win32"
PROGRAM = "python.exe" if WINDOWS else "python3"
VENVS = ("~/.venv", "~/venv", "~/env", "~/.virtualenvs/*", "~/venvs/*", "~/envs/*", "~/.local/share/virtualenvs/*")
UV = ("~/.local/share/uv/python/*", "~/Library/Application Support/uv/python/*", "%APPDATA%/uv/python/*")
CONDA = (
    "~/miniconda3", "~/anaconda3", "~/miniforge3", "~/mambaforge", "~/micromamba", "/opt/conda", "/opt/miniconda3",
    "/opt/anaconda3", "/opt/homebrew/Caskroom/miniforge/base", "/opt/homebrew/Caskroom/miniconda/base",
    "%LOCALAPPDATA%/miniconda3", "%LOCALAPPDATA%/anaconda3", "%PROGRAMDATA%/miniconda3", "%PROGRAMDATA%/anaconda3",
)  # fmt: skip
SYSTEM = (
    "/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3",
    "/Library/Frameworks/Python.framework/Versions/*/bin/python3", "%LOCALAPPDATA%/Programs/Python/*/python.exe",
)  # fmt: skip
APPLE_STUB = "/usr/bin/python3"
APPLE_TOOLS = "/Library/Developer/CommandLineTools"


def own() -> str:
    """The folder in which the add-on makes its environment: with the user's data and not with the add-on, which Anki
    moves about when it updates it.
    """
    if WINDOWS:
        return os.path.join(os.environ.get("LOCALAPPDATA") or _home("~/AppData/Local"), "ProofDeck", "python")
    if sys.platform == "darwin":
        return _home("~/Library/Application Support/ProofDeck/python")
    return os.path.join(os.environ.get("XDG_DATA_HOME") or _home("~/.local/share"), "proofdeck", "python")


def homes(data: "os.PathLike[str]") -> Tuple[str, ...]:
    """Where an environment of ours may be: where one is made now, and in the add-on's `data`, where it was before."""
    return own(), os.path.join(data, "environment")


def inside(environment: str) -> str:
    """The interpreter of a virtual or a conda environment."""
    if not WINDOWS:
        return os.path.join(environment, "bin", "python")
    in_venv = os.path.join(environment, "Scripts", "python.exe")
    return in_venv if os.path.exists(in_venv) else os.path.join(environment, "python.exe")


def candidates(configured: str = "", made: Sequence[str] = ()) -> Iterator[Tuple[str, str]]:
    """Paths that exist and where each is from, each once; in the order in which they should be offered. `made`: folders
    of environments that the add-on has made.
    """
    seen = set()
    for path, source in _everywhere(configured, made):
        key = os.path.normcase(os.path.abspath(path))
        # what pyenv puts on PATH is a script that asks the current folder which Python it is
        if key not in seen and os.path.isfile(path) and "shims" not in key.split(os.sep):
            seen.add(key)
            yield path, source


def is_stub(
    path: str, platform: str = sys.platform, exists: Callable[[str], bool] = os.path.exists, tools: str = ""
) -> bool:
    """Whether starting `path` would only make macOS offer to install a Python. `tools`: Apple's active developer
    folder, which is asked for unless it is given.
    """
    if platform != "darwin" or APPLE_STUB not in (path, os.path.realpath(path)):
        return False
    folders = (APPLE_TOOLS, tools or _developer_tools())
    return not any(folder and exists(folder + APPLE_STUB) for folder in folders)


def _developer_tools() -> str:
    told = _say(["/usr/bin/xcode-select", "-p"])
    return told.strip()


def _everywhere(configured: str, made: Sequence[str]) -> Iterator[Tuple[str, str]]:
    if configured:
        yield configured, "config"
    yield from ((inside(folder), "own") for folder in made)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if os.path.isabs(folder):
            yield from ((os.path.join(folder, name), "path") for name in (PROGRAM, "python3", "python"))
    for root in (os.environ.get("PYENV_ROOT") or _home("~/.pyenv"), _home("~/.pyenv/pyenv-win")):
        yield from _environments([os.path.join(root, "versions", "*")], "pyenv")
    yield from _environments([*CONDA, *(os.path.join(root, "envs", "*") for root in CONDA), *_conda_list()], "conda")
    yield from _environments(UV, "uv")
    yield from _environments(VENVS, "venv")
    yield from ((path, "launcher") for path in _launcher())
    yield from ((path, "system") for pattern in SYSTEM for path in _matches(pattern))


def _environments(patterns: "Tuple[str, ...] | List[str]", source: str) -> Iterator[Tuple[str, str]]:
    for pattern in patterns:
        yield from ((inside(folder), source) for folder in _matches(pattern))


def _matches(pattern: str) -> List[str]:
    # the newest first, as far as names tell
    found = glob.glob(_home(os.path.expandvars(pattern)))
    return sorted(found, key=lambda path: [int(part) for part in re.findall(r"\d+", path)], reverse=True)


def _conda_list() -> List[str]:
    try:
        with open(_home("~/.conda/environments.txt"), encoding="utf-8", errors="replace") as lines:
            return [glob.escape(line.strip()) for line in lines if os.path.isabs(line.strip())]
    except OSError:
        return []


def _launcher() -> List[str]:
    if not WINDOWS or shutil.which("py") is None:
        return []
    return re.findall(r"[A-Za-z]:\\.*?python\.exe", _say(["py", "-0p"]))


def _say(command: List[str]) -> str:
    """What a program says; nothing when it fails."""
    try:
        told = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10, check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout if told.returncode == 0 else ""


def _home(path: str) -> str:
    return os.path.expanduser(path)
