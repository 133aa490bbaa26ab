"""An Anki with the add-on in it, as a learner has it after the installation; scenes are played in copies of it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from build_deck.bootstrap import OLDEST_ANKI, python_of
from build_deck.model.note import FIELDS
from build_deck.pack import AddonParts, known, stage, write_addon
from tests.addon import sample_cells
from tests.deck.anki_window import drive

PLAIN = python_of(Path(sys.base_prefix))
"""An interpreter that is not that of Anki, which the add-on refuses."""

UNKNOWN = ("unknown", "evil", "hidden")
"""Notes of the sample whose cells no release has had."""

Scene = Callable[[str], dict[str, Any]]
"""The report of the scene with this name."""


@dataclass(frozen=True, kw_only=True)
class Anki:
    """An Anki with the add-on installed and the sample deck imported; each scene gets a copy of it."""

    name: str
    python: Path
    base: Path
    torch: Path
    """The interpreter with torch; it takes seconds to load, so scenes without it have another."""

    def play(self, scene: str, out: Path) -> dict[str, Any]:
        """What the scene told."""
        shutil.copytree(self.base, out / "base")
        language = "en_US" if self.name == "oldest" else "zh_CN"
        cells = self.torch if scene == "runs" else PLAIN
        arguments = ("--base", out / "base", "--out", out, "--python", cells, "--language", language)
        return drive(f"tests.addon.window_{scene}", out, *arguments, python=self.python, deadline=280)


def acquaint(path: Path) -> Path:
    """The add-on as it is packed, for a release in which most of the sample's cells are known."""
    fields = [note.fields[FIELDS.index("Cells")] for note in sample_cells.notes() if note.id not in UNKNOWN]
    write_addon(stage(AddonParts(version="0.0.1", known=known(fields), inputs={})), path)
    return path


def install(name: str, addon: Path, root: Path, torch: Path) -> Anki:
    """`newest` or `oldest`: the add-on installed by Anki's own manager; the deck imported by Anki's own importer."""
    python = python_of(OLDEST_ANKI) if name == "oldest" else Path(sys.executable)
    assert python.is_file(), "python3 -m build_deck.bootstrap anki"
    deck = sample_cells.package(root / "deck")
    arguments = ("--base", root / "base", "--out", root, "--addon", addon, deck)
    told = drive("tests.addon.window_install", root, *arguments, python=python)
    assert (told["addons"], told["faults"]) == (["proofdeck"], [])
    return Anki(name=name, python=python, base=root / "base", torch=torch)
