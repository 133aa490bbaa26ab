"""The settings: what is chosen stays chosen, and what they say is so."""

from __future__ import annotations

import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aqt.qt import QDialog, Qt
from PyQt6.QtTest import QTest

from tests.addon.addon_window import AddonWindow, play
from tests.addon.settings_dialog import open_settings, program, searched

GONE = "/gone/bin/python3"


def scene(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Every step and what was to be seen."""
    return {step.__name__: step(window, out) for step in steps()}


def steps() -> Iterator[Any]:
    """In any order."""
    yield from (gone, slow, again, by_keys, unfit, promises, language)


def gone(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The chosen interpreter is not there any more: the card leads to the settings, which keep the choice."""
    python = window.configured()["python"]
    window.configure(python=GONE)
    window.visit("agrees")
    window.until("agrees", lambda cell: cell["enabled"])
    window.click(".pd-go")
    card = window.until("agrees", lambda cell: cell["state"] == "done")
    window.shoot(out / "gone.png")
    shown: dict[str, Any] = {}

    def look(dialog: QDialog) -> None:
        shown["rows"] = searched(window, dialog)
        dialog.grab().save(str(out / "settings-gone.png"))
        dialog.accept()

    window.when_open(look)
    window.click(".pd-go")
    window.wait(lambda: "rows" in shown and not window.dialogs(), "the settings")
    stored = window.configured()["python"]
    window.configure(python=python)
    back = window.until("agrees", lambda cell: cell["button"][0] == "▶")
    return {"button": card["button"], "note": card["note"], **shown, "stored": stored, "back": back["enabled"]}


def slow(window: AddonWindow, out: Path) -> dict[str, Any]:
    """OK at once, before the chosen interpreter has answered, with the focus in the list."""
    python = window.configured()["python"]
    late = program(out / "slow" / "python3", f'#!/bin/sh\nsleep 3\nexec {python} "$@"\n')
    window.configure(python=late)

    def look(dialog: QDialog) -> bool:
        window.child(dialog, "pythons").setFocus()
        window.pump(0.3)
        window.child(dialog, "limit").setValue(44)
        return bool(window.child(dialog, "pythons").hasFocus())

    told = open_settings(window, look)
    window.configure(python=python)
    return {**told, "late": late}


def again(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Look again, then OK."""

    def look(dialog: QDialog) -> None:
        searched(window, dialog)
        window.child(dialog, "search").click()

    python = window.configured()["python"]
    return {**open_settings(window, look), "before": python}


def by_keys(window: AddonWindow, out: Path) -> dict[str, Any]:
    """One row up from the chosen one, which stands first, is none: that is a choice, too."""
    python = window.configured()["python"]

    def look(dialog: QDialog) -> None:
        searched(window, dialog)
        pythons = window.child(dialog, "pythons")
        pythons.setFocus()
        QTest.keyClick(pythons, Qt.Key.Key_Up)

    told = open_settings(window, look)
    window.configure(python=python)
    return told


def unfit(window: AddonWindow, out: Path) -> dict[str, Any]:
    """One that Anki lives in is chosen by hand, and one that is no Python."""
    venv.create(out / "theirs", symlinks=True)
    (packages,) = (out / "theirs").glob("lib/python*/site-packages")
    (packages / "aqt").mkdir()
    (packages / "aqt" / "__init__.py").touch()
    theirs = str(out / "theirs" / "bin" / "python")

    def look(dialog: QDialog) -> dict[str, Any]:
        searched(window, dialog)
        status, said = window.child(dialog, "status"), []
        for path in (theirs, "/bin/sh"):
            before = status.text()
            dialog._interpreters.take(path)  # a file dialog would have to be answered here
            window.wait(lambda before=before: status.text() != before, "an answer")
            said.append(status.text())
        dialog.grab().save(str(out / "settings.png"))
        return {"said": said, "row": next(row for row in searched(window, dialog) if row[6] == theirs)}

    return open_settings(window, look)


def promises(window: AddonWindow, out: Path) -> dict[str, Any]:
    """What each kind of sandbox is said to mean."""

    def look(dialog: QDialog) -> list[str]:
        box, said = window.child(dialog, "sandbox"), []
        for at in range(box.count()):
            box.setCurrentIndex(at)
            said.append(window.child(dialog, "promise").text())
        box.setCurrentIndex(0)
        return said

    return open_settings(window, look)


def language(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The other language than Anki's, and back: the card and the dialog follow."""
    said = []
    for name in ("en", "zh", "auto"):

        def look(dialog: QDialog, name: str = name) -> str:
            box = window.child(dialog, "language")
            box.setCurrentIndex(box.findData(name))
            return str(window.child(dialog, "make").text())

        told = open_settings(window, look)
        window.visit("agrees")
        said.append([told["seen"], window.until("agrees", bool)["button"]])
    return {"said": said}


if __name__ == "__main__":
    play(scene)
