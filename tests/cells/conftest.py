"""Engines in the real core environment, sandboxed and not, shared by the whole session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from build_deck.cells.protocol import Interpreter, Job, Limits, Outcome, Snippet
from build_deck.cells.runner import Engine, outcomes

PATH = "source/demo/topic.md"


def snippet(name: str, source: str, line: int = 10, **attributes: Any) -> Snippet:
    return Snippet(name, source, PATH, line, **attributes)


class Cells:
    """Runs snippets as one job and gives their outcomes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, *snippets: Snippet | str, limits: Limits | None = None, **extra: Any) -> tuple[Outcome, ...]:
        named = (each if isinstance(each, Snippet) else snippet(f"c{at}", each) for at, each in enumerate(snippets))
        return outcomes(self.engine.run(Job("a-card", tuple(named), limits or Limits(), **extra)))

    def one(self, source: str, limits: Limits | None = None, **attributes: Any) -> Outcome:
        return self(snippet("cell", source, **attributes), limits=limits)[0]


@pytest.fixture(scope="session")
def interpreter(project: Path) -> Callable[[bool], Interpreter]:
    draw = project / "build_deck" / "draw"
    font = draw / "fonts" / "NotoSansCJKsc-subset.otf"
    python = project / ".envs" / "core" / "bin" / "python"

    def make(sandboxed: bool) -> Interpreter:
        return Interpreter(str(python), style=str(draw / "figure.mplstyle"), font=str(font), sandboxed=sandboxed)

    return make


@pytest.fixture(scope="session")
def plain(interpreter: Callable[[bool], Interpreter]) -> Iterator[Cells]:
    """Cells without a sandbox, as the add-on runs them."""
    with Engine(interpreter(False)) as engine:
        yield Cells(engine)


@pytest.fixture(scope="session")
def boxed(interpreter: Callable[[bool], Interpreter]) -> Iterator[Cells]:
    """Cells in the sandbox, as verify runs them."""
    with Engine(interpreter(True)) as engine:
        yield Cells(engine)
