"""The add-on as it ships, built and unpacked once a session."""

from __future__ import annotations

from pathlib import Path

import pytest
import staged


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
