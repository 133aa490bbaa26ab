"""Has the chosen interpreter, and this machine, what a run needs? What is missing is said in words."""

import shutil
from typing import Optional

from .cells.variables import search_path
from .jobs import Plan, modules, programs, unsupported
from .pythons import OLDEST, Python, importable
from .settings import Settings
from .strings import Words

PACKAGES = {
    "sklearn": "scikit-learn", "faiss": "faiss-cpu", "PIL": "pillow", "yaml": "pyyaml", "cv2": "opencv-python",
    "mpl_toolkits": "matplotlib",
}  # fmt: skip
"""What pip calls a module whose name is not its package's."""


def unfit(python: Optional[Python], settings: Settings, words: Words) -> str:
    """Why the interpreter of the settings cannot run any cell, for people; empty when it can. None did not answer."""
    if python is None:
        return words.say("gone", path=settings.python)
    if python.problem == "old":
        oldest = ".".join(map(str, OLDEST))
        return words.say("too old", path=python.path, version=python.version, oldest=oldest)
    return words.say("anki's own", path=python.path) if python.problem else ""


def lacking(asked: Plan, python: Python, settings: Settings, words: Words) -> str:
    """What is missing for the run, for people; empty when nothing is. Off the UI thread: it may ask the interpreter."""
    foreign = unsupported(asked)
    if foreign:
        return words.say("language", what=foreign)
    return _modules(asked, python, words) or _machine(asked, python, settings, words)


def _modules(asked: Plan, python: Python, words: Words) -> str:
    absent = modules(asked) - python.modules
    # packages without an __init__ are in no list, so that the interpreter itself has the last word
    absent -= importable(python.path, absent) if absent else frozenset()
    if not absent:
        return ""
    packages = " ".join(sorted({PACKAGES.get(name, name) for name in absent}))
    command = '"%s" -m pip install %s' % (python.path, packages)
    return words.say("lacks modules", path=python.path, what=", ".join(sorted(absent)), command=command)


def _machine(asked: Plan, python: Python, settings: Settings, words: Words) -> str:
    path = search_path(python.path, gpu=asked.on_gpu)  # where the cells will look
    absent = [name for name in programs(asked) if shutil.which(name, path=path) is None]
    if absent:
        return words.say("lacks programs", what=", ".join(absent))
    if asked.on_gpu and "cuda" not in python.devices:
        return words.say("lacks gpu")
    return words.say("gpu sandboxed") if asked.on_gpu and settings.sandbox == "always" else ""
