"""The add-on as it ships, built and unpacked once a session, and an Anki of each age with it installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import staged
from cells_text import HELLO
from desks import Bench

from build_deck.bootstrap import python_of
from build_deck.cells.identity import digest
from tests.addon.installed_anki import Anki, Scene, acquaint, install

OLDEST = pytest.param("oldest", marks=pytest.mark.oldest)
"""The Anki that `make oldest` sets up and tests with, `make test` does without."""


@pytest.fixture(scope="session")
def ankiaddon(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package file."""
    return staged.build(project, tmp_path_factory.mktemp("ankiaddon"))


@pytest.fixture(scope="session")
def addon(ankiaddon: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the add-on, importable through `staged.module`."""
    folder = staged.unpack(ankiaddon, tmp_path_factory.mktemp("addon"))
    staged.load(folder)
    return folder


@pytest.fixture(scope="session")
def core(addon: Path) -> staged.Core:
    """The modules of the staged add-on."""
    return staged.Core()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """An add-on's folder that knows the cell `hello`."""
    (tmp_path / "known.txt").write_text(digest(HELLO) + "\nnonsense\n")
    return tmp_path


@pytest.fixture
def make(core: staged.Core, package: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def bench(profile: str = "/profiles/one", **settings: Any) -> Bench:
        made.append(Bench(core, package, profile, **settings))
        return made[-1]

    yield bench
    for each in made:
        each.desk.close()


@pytest.fixture(scope="session", params=["newest", OLDEST])
def anki(request: pytest.FixtureRequest, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Anki:
    """An Anki with the sample deck; session-wide, so that pytest plays all scenes of one before those of the other."""
    root = tmp_path_factory.mktemp(request.param)
    package = acquaint(root / "proofdeck.ankiaddon")
    return install(request.param, package, root, python_of(project / ".envs" / "core"))


@pytest.fixture(scope="session")
def scene(anki: Anki, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A scene's report, played once for all tests of this Anki."""
    told: dict[str, dict[str, Any]] = {}

    def play(name: str) -> dict[str, Any]:
        if name not in told:
            told[name] = {}
            told[name] = anki.play(name, tmp_path_factory.mktemp(name))
            assert told[name]["errors"] == []
            version = (told[name]["anki"][:5], told[name]["qt"][:3])
            assert version == ("25.02", "6.6") if anki.name == "oldest" else version[0].startswith("26.")
        assert told[name], "the scene broke off in an earlier test"
        return told[name]

    return play
