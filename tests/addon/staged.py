"""The add-on as it ships: built into an `.ankiaddon`, unpacked, imported. Nothing here is imported from the sources."""

from __future__ import annotations

import sys
import zipfile
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from build_deck import ship
from build_deck.session import open_session

PACKAGE = "proofdeck_staged"


def build(root: Path, target: Path) -> Path:
    """The add-on of the deck in the checkout at `root`, as a file in the folder `target`."""
    session = open_session(root, lambda _: None)
    shipped, problems = ship.addon(session)
    assert shipped is not None, problems
    copy = target / shipped.path.name
    copy.write_bytes(shipped.path.read_bytes())
    return copy


def unpack(package: Path, folder: Path) -> Path:
    """The add-on's folder as Anki would make it."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


def load(folder: Path) -> None:
    """Make the add-on in `folder` importable; its first file, which looks for Anki, is not run."""
    spec = spec_from_file_location(PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec is not None
    sys.modules[PACKAGE] = module_from_spec(spec)


def module(name: str) -> ModuleType:
    """A module of the loaded add-on."""
    return import_module(f"{PACKAGE}.{name}")


class Core:
    """Modules of the loaded add-on as attributes: `core.note.decode`."""

    def __getattr__(self, name: str) -> ModuleType:
        try:
            return module(name)
        except ModuleNotFoundError as error:
            raise AttributeError(name) from error
