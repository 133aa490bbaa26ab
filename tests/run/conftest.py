"""A root with real requirements texts, and engines shared by the whole session."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from small_deck import Deck

from build_deck import run
from build_deck.run.schedule import EnginePool


@pytest.fixture
def make_ground(tmp_path: Path, project: Path) -> Callable[[], run.Ground]:
    (tmp_path / "requirements").mkdir()
    for path in (project / "requirements").glob("cells-core*.txt"):
        shutil.copy(path, tmp_path / "requirements")
    return lambda: run.Ground.at(tmp_path, project / ".envs")


@pytest.fixture
def deck(make_ground: Callable[[], run.Ground], engines: EnginePool) -> Deck:
    return Deck(make_ground(), engines)


@pytest.fixture(scope="session")
def light_envs(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Environments without torch, whose engines start at once: enough where it matters who runs what."""
    envs = tmp_path_factory.mktemp("envs")
    (envs / "core").symlink_to(project / ".venv")
    return envs


@pytest.fixture
def light(make_ground: Callable[[], run.Ground], light_envs: Path, engines: EnginePool) -> Deck:
    return Deck(replace(make_ground(), envs=light_envs), engines)
