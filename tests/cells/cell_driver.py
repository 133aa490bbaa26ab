"""A runner in a process of its own, with a bare interpreter: one cell in, a line for each event out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DRIVER = """
import sys
from importlib.util import module_from_spec, spec_from_file_location as locate
spec = locate("shared", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]])
sys.modules["shared"] = module_from_spec(spec)
spec.loader.exec_module(sys.modules["shared"])
from shared.protocol import Interpreter, Job, Snippet
from shared.runner import Engine, outcomes
way = {"boxed": {"sandboxed": True}, "plain": {}, "spawned": {"spawn": True}}[sys.argv[3]]
engine = Engine(Interpreter(sys.argv[2], modules=(), **way))
for event in engine.run(Job("a-card", (Snippet("cell", sys.argv[4], "source/x.md", 1),))):
    print(event.kind, event.outcome.status if event.outcome else "", event.text, flush=True)
"""


def command(cells: Path, python: str, way: str, code: str) -> list[str]:
    """What runs `code` in `python` by the engine at `cells`: boxed, plain or spawned."""
    return [python, "-c", DRIVER, str(cells), python, way, code]


def said(cells: Path, way: str, code: str, **variables: str) -> str:
    """What is printed when the runner's environment has `variables` as well."""
    ended = subprocess.run(
        command(cells, sys.executable, way, code), capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, **variables},
    )  # fmt: skip
    assert "end" in ended.stdout, ended.stderr
    return ended.stdout
