"""A root with real requirements texts, and engines shared by the whole session."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_deck import Deck

from build_deck import run
from build_deck.run.schedule import EnginePool


@pytest.fixture(scope="session")
def pool() -> Iterator[EnginePool]:
    with EnginePool() as engines:
        yield engines


@pytest.fixture
def make_ground(tmp_path: Path, project: Path) -> Callable[[], run.Ground]:
    (tmp_path / "requirements").mkdir()
    for path in (project / "requirements").glob("cells-core*.txt"):
        shutil.copy(path, tmp_path / "requirements")
    return lambda: run.Ground.at(tmp_path, project / ".envs")


@pytest.fixture
def deck(make_ground: Callable[[], run.Ground], pool: EnginePool) -> Deck:
    return Deck(make_ground(), pool)
