"""Engines in the real core environment, sandboxed and not, shared by the whole session."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cell_jobs import Cells

from build_deck.cells.protocol import Interpreter
from build_deck.run import EnginePool


@pytest.fixture(scope="session")
def interpreter(project: Path) -> Callable[[bool], Interpreter]:
    draw = project / "build_deck" / "draw"
    font = draw / "fonts" / "NotoSansCJKsc-subset.otf"
    python = project / ".envs" / "core" / "bin" / "python"

    def make(sandboxed: bool) -> Interpreter:
        return Interpreter(str(python), style=str(draw / "figure.mplstyle"), font=str(font), sandboxed=sandboxed)

    return make


@pytest.fixture
def plain(interpreter: Callable[[bool], Interpreter], engines: EnginePool) -> Iterator[Cells]:
    """Cells without a sandbox, as the add-on runs them."""
    with engines.lend(interpreter(False)) as engine:
        assert engine.toolchain.torch  # started: no test is charged for it
        yield Cells(engine)


@pytest.fixture
def boxed(interpreter: Callable[[bool], Interpreter], engines: EnginePool) -> Iterator[Cells]:
    """Cells in the sandbox, as verify runs them."""
    with engines.lend(interpreter(True)) as engine:
        assert engine.toolchain.torch  # started: no test is charged for it
        yield Cells(engine)


@pytest.fixture
def elsewhere(project: Path) -> Iterator[Path]:
    """The shared code in a folder that everybody may read."""
    with tempfile.TemporaryDirectory(prefix="cells-") as folder:
        Path(folder).chmod(0o755)
        yield Path(shutil.copytree(project / "build_deck" / "cells", Path(folder) / "cells"))
