"""Find Python interpreters that could run cells and say what each has. Starts each once, in a clean environment.

Never Anki's own Python, and never a program that does not call itself python; installs nothing (`environments` does).
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Optional, Tuple

from .places import candidates, homes, is_stub
from .trust import write

CACHE = "pythons.json"
FORMAT = 2
LIMIT = 10.0
"""Seconds for an interpreter to answer; on a cold disk some take three."""
OLDEST = (3, 9)
NAMED = re.compile(r"python[\d.]*(\.exe)?\Z", re.IGNORECASE)
NEEDED = ("torch", "numpy", "matplotlib")
NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)

PROBE = r"""
import json, os, pkgutil, re, sys, sysconfig
from importlib.util import find_spec

def version(name):
    try:
        from importlib.metadata import version as found
        return found(name).partition("+")[0]
    except Exception:
        return ""

def built_for():
    try:
        folder = os.path.dirname(find_spec("torch").origin)
        with open(os.path.join(folder, "version.py")) as stream:
            return bool(re.search(r"(?m)^cuda[^=]*= *['\"]", stream.read()))
    except Exception:
        return False

modules = {each.name for each in pkgutil.iter_modules()} | set(sys.builtin_module_names)
modules |= set(getattr(sys, "stdlib_module_names", ()))
print("\n" + json.dumps({
    "executable": sys.executable, "version": "%d.%d.%d" % sys.version_info[:3], "prefix": sys.prefix,
    "packages": sysconfig.get_paths()["purelib"], "torch": version("torch"), "numpy": version("numpy"),
    "matplotlib": version("matplotlib"), "cuda": built_for(),
    "modules": sorted(modules),
}))
"""

ABSENT = r"""
import json, sys
from importlib.util import find_spec

def is_there(name):
    try:
        return find_spec(name) is not None
    except Exception:
        return True  # it is, but says so in a strange way

print("\n" + json.dumps([name for name in json.loads(sys.argv[1]) if is_there(name)]))
"""


@dataclass(frozen=True)
class Python:
    """One interpreter that answered. Empty strings for packages that it has not."""

    path: str
    """What to start."""
    source: str
    """Where it was found: config, own, path, pyenv, conda, uv, venv, launcher, system."""
    version: str = ""
    torch: str = ""
    numpy: str = ""
    matplotlib: str = ""
    devices: Tuple[str, ...] = ()
    """`cpu`, `cuda`, `mps`: what the installed torch was built for and this machine seems to have."""
    problem: str = ""
    """Why it cannot run cells: `old` (before 3.9), `anki` (Anki lives in it), `mute` (it does not answer); empty when
    it can."""
    modules: FrozenSet[str] = frozenset()
    """What can be imported."""


def find(data: Path, configured: str = "") -> Iterator[Python]:
    """Every interpreter on this machine, the configured one first, whether it answers or not.

    Slow (0.2 s each, the first time): call it off the UI thread; what it learns is cached in the folder `data`.
    """
    chosen = probe(configured, data) if configured else None
    if configured and (chosen is None or not chosen.version):
        yield chosen or Python(configured, "config", problem="mute")
    seen = set()
    for path, source in candidates(configured, homes(data)):
        answer = _answer(path, data)
        if answer is not None and (answer["prefix"], answer["version"]) not in seen:
            seen.add((answer["prefix"], answer["version"]))
            yield _python(path, source, answer)


def probe(path: str, data: Path) -> Optional[Python]:
    """What the interpreter at `path` has; None when it does not answer like a Python. At most ten seconds."""
    if _is_ours(path):
        return Python(path, "config", problem="anki")
    answer = _answer(path, data)
    return None if answer is None else _python(path, "config", answer)


def importable(path: str, names: Iterable[str]) -> FrozenSet[str]:
    """Those of the top-level modules that the interpreter at `path` finds after all. Imports none of them."""
    told = _say([path, "-I", "-X", "utf8", "-c", ABSENT, json.dumps(sorted(names))])
    return frozenset(str(name) for name in told) if isinstance(told, list) else frozenset()


def best(found: Tuple[Python, ...]) -> Optional[Python]:
    """The one to suggest: it has torch, numpy and matplotlib; the newest torch of those; None when there is none."""
    complete = [each for each in found if not each.problem and all(getattr(each, name) for name in NEEDED)]
    return max(complete, key=lambda each: numbers(each.torch), default=None)


def environment() -> Dict[str, str]:
    """What a child sees of ours: nothing that could make it import, or load, something else."""
    kept = ("HOME", "USERPROFILE", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "PATH", "LANG")
    return {**{name: os.environ[name] for name in kept if name in os.environ}, "PYTHONIOENCODING": "utf-8"}


def _answer(path: str, data: Path) -> Optional[Dict[str, Any]]:
    if not os.path.isabs(path) or not NAMED.match(os.path.basename(path)) or _is_ours(path) or is_stub(path):
        return None
    cache = _read(data / CACHE)
    known = cache.get(path)
    if isinstance(known, dict) and known.get("stamp") == _stamp(path, known.get("packages")):
        return known
    answer = _ask(path)
    if answer is not None:
        answer["stamp"] = _stamp(path, answer["packages"])
        _remember(data / CACHE, path, answer)
    return answer


def _is_ours(path: str) -> bool:
    # in a bundle this is the Anki program itself, which would start once more
    return os.path.normcase(os.path.abspath(path)) == os.path.normcase(os.path.abspath(sys.executable))


def _ask(path: str) -> Optional[Dict[str, Any]]:
    answer = _say([path, "-I", "-X", "utf8", "-c", PROBE])
    return answer if isinstance(answer, dict) and _is_sound(answer) else None


def _say(command: List[str]) -> object:
    """The JSON value in the last line of what a program says; None for anything else."""
    try:
        told = subprocess.run(
            command, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=LIMIT, check=False, creationflags=NO_WINDOW,
        )  # fmt: skip
        return json.loads(told.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2])
    except (OSError, ValueError, RecursionError, subprocess.TimeoutExpired):
        return None


def _is_sound(answer: Dict[str, Any]) -> bool:
    texts = ("executable", "version", "prefix", "packages", "torch", "numpy", "matplotlib")
    modules = answer.get("modules")
    return all(isinstance(answer.get(name), str) for name in texts) and isinstance(modules, list)


def _python(path: str, source: str, answer: Dict[str, Any]) -> Python:
    modules = frozenset(str(name) for name in answer["modules"])
    old = numbers(answer["version"])[:2] < OLDEST
    return Python(
        path=path, source=source, version=answer["version"], torch=answer["torch"], numpy=answer["numpy"],
        matplotlib=answer["matplotlib"], devices=_devices(answer), modules=modules,
        problem="old" if old else "anki" if "aqt" in modules else "",
    )  # fmt: skip


def _devices(answer: Dict[str, Any]) -> Tuple[str, ...]:
    if not answer["torch"]:
        return ()
    if sys.platform == "darwin" and os.uname().machine == "arm64":
        return ("cpu", "mps")
    return ("cpu", "cuda") if answer.get("cuda") and has_nvidia() else ("cpu",)


def has_nvidia() -> bool:
    """Whether a driver for NVIDIA's devices is loaded."""
    if sys.platform == "win32":
        return os.path.exists(os.path.join(os.environ.get("SYSTEMROOT", ""), "System32", "nvcuda.dll"))
    return os.path.exists("/dev/nvidiactl") or os.path.exists("/dev/dxg")


def _stamp(path: str, packages: object) -> object:
    """Changes when the interpreter is replaced, or something is installed into it."""
    try:
        times = [os.stat(path).st_mtime_ns]
        times += [os.stat(packages).st_mtime_ns] if isinstance(packages, str) and os.path.isdir(packages) else [0]
    except OSError:
        return None
    return [FORMAT, *times]


def _read(path: Path) -> Dict[str, Any]:
    try:
        cache = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cache if isinstance(cache, dict) else {}


def _remember(path: Path, python: str, answer: Dict[str, Any]) -> None:
    cache = {known: each for known, each in _read(path).items() if os.path.exists(known)}
    try:
        write(path, json.dumps({**cache, python: answer}, indent=1, sort_keys=True))
    except OSError:
        return  # a folder that cannot be written costs time, nothing else


def numbers(version: str) -> Tuple[int, ...]:
    """At most three numbers of a version, to compare with others."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
