"""The settings in Anki's window, opened as a learner does, for the scenes: Python 3.9, as in the oldest Anki."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from aqt.qt import QDialog

from tests.addon.addon_window import AddonWindow


def open_settings(window: AddonWindow, look: Callable[[QDialog], Any]) -> dict[str, Any]:
    """Open the settings by the menu, look, and say what is stored afterwards; OK, unless they were closed by then."""
    seen: dict[str, Any] = {}

    def go(dialog: QDialog) -> None:
        try:
            seen["seen"] = look(dialog)
        finally:
            if dialog.isVisible():
                dialog.accept()

    window.when_open(go)
    (action,) = [each for each in window.main.form.menuTools.actions() if "ProofDeck" in each.text()]
    action.trigger()
    window.wait(lambda: not window.dialogs(), "the settings to close")
    window.pump(0.3)
    return {**seen, "stored": window.configured()["python"]}


def searched(window: AddonWindow, dialog: QDialog) -> list[list[str]]:
    """The rows of the list, once all interpreters have been found."""
    pythons = window.child(dialog, "pythons")
    window.wait(lambda: pythons.topLevelItemCount() > 1, "an interpreter")
    window.wait(lambda: not window.child(dialog, "progress").isVisible(), "the end of the search")
    rows = [pythons.topLevelItem(at) for at in range(pythons.topLevelItemCount())]
    return [[row.text(column) for column in range(7)] for row in rows]


def program(path: Path, text: str) -> str:
    """A program with this text; its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return str(path)
