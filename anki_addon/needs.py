"""Has the chosen interpreter, and this machine, what a run needs? What is missing is said in words."""

import shutil
from typing import Optional

from .jobs import Plan, modules, programs, unsupported
from .pythons import Python
from .settings import Settings
from .strings import Words

PACKAGES = {
    "sklearn": "scikit-learn", "faiss": "faiss-cpu", "PIL": "pillow", "yaml": "pyyaml", "cv2": "opencv-python",
}  # fmt: skip
"""What pip calls a module whose name is not its package's."""


def lacking(asked: Plan, python: Optional[Python], settings: Settings, words: Words) -> str:
    """What is missing for the run, for people; empty when nothing is."""
    if python is None or python.problem:
        return words.say("gone", path=settings.python)
    foreign = unsupported(asked)
    if foreign:
        return words.say("language", what=foreign)
    return _modules(asked, python, words) or _machine(asked, python, settings, words)


def _modules(asked: Plan, python: Python, words: Words) -> str:
    absent = sorted(modules(asked) - python.modules)
    if not absent:
        return ""
    packages = " ".join(PACKAGES.get(name, name) for name in absent)
    command = '"%s" -m pip install %s' % (python.path, packages)
    return words.say("lacks modules", path=python.path, what=", ".join(absent), command=command)


def _machine(asked: Plan, python: Python, settings: Settings, words: Words) -> str:
    absent = [name for name in programs(asked) if shutil.which(name) is None]
    if absent:
        return words.say("lacks programs", what=", ".join(absent))
    if asked.on_gpu and "cuda" not in python.devices:
        return words.say("lacks gpu")
    return words.say("gpu sandboxed") if asked.on_gpu and settings.sandbox == "always" else ""
