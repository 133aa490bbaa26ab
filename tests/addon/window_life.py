"""A run in the middle of which the profile closes, opens again, the add-on is deleted, Anki quits."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from aqt.addons import AddonsDialog
from aqt.qt import QDialog, QMessageBox

from tests.addon.addon_window import AddonWindow, play


def scene(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Every step and what was left after it."""
    before, doors = window.stored(), window.listening()
    python = window.configured()["python"]
    told: dict[str, Any] = {"nothing chosen": _nothing_chosen(window, out)}
    window.configure(python=python)
    told["chosen"] = window.until("agrees", lambda cell: cell["tone"] != "half")
    _hang(window)
    told |= {"running": len(window.children()), "doors": [doors, window.listening()], "closed": _close(window)}
    _open(window)
    window.visit("agrees")
    told["again"] = window.run("agrees")["state"]
    told["settings"] = _settings(window, out)
    told["json"] = _json(window)
    _hang(window)
    folder = window.folder()
    told["deleted"] = {**_delete(window), "changed": window.changed(before)}
    told["left"] = _close(window)
    _open(window)
    window.visit("agrees")
    told["after"] = {"controls": window.cell("agrees"), "closed": _close(window), "there": folder.exists()}
    return told


def _delete(window: AddonWindow) -> dict[str, Any]:
    """Delete the add-on in Anki's own dialog while a cell runs; the card stays on show, and its page still asks."""
    manager, busy, folder = window.main.addonManager, len(window.children()), window.folder()
    (action,) = [each for each in window.main.form.menuTools.actions() if "ProofDeck" in each.text()]
    dialog = AddonsDialog(manager)
    dialog.form.addonList.selectAll()
    window.when_open(lambda box: box.button(QMessageBox.StandardButton.Yes).click(), also=dialog)
    dialog.onDelete()
    dialog.close()
    window.wait(lambda: not window.children(), "the processes of the run to end", 10)
    window.evaluate("(() => {pycmd('proofdeck:run:endless'); pycmd('proofdeck:settings'); return 1})()")
    window.pump(1.0)
    return {"addons": manager.allAddons(), "there": folder.exists(), "busy": busy, "processes": len(window.children()),
            "dialogs": len(window.dialogs()), "menu": action.isEnabled()}  # fmt: skip


def _open(window: AddonWindow) -> None:
    window.main.loadProfile()
    window.wait(lambda: window.main.col and window.main.state == "deckBrowser", "the profile to open again")


def _hang(window: AddonWindow) -> None:
    window.visit("endless")
    window.press("endless")
    window.until("endless", lambda cell: "begun" in cell["printed"])


def _close(window: AddonWindow) -> int:
    closed: list[bool] = []
    window.main.unloadProfile(lambda: closed.append(True))
    window.wait(lambda: closed, "the profile to close")
    window.wait(lambda: not window.children(), "the processes of the run to end", 10)
    return len(window.children())


def _nothing_chosen(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Before an interpreter was chosen ▶ says so and leads to the settings, where one can be made after a question."""
    window.configure(python="")
    window.visit("agrees")
    window.until("agrees", lambda cell: cell["enabled"])
    window.click(".pd-go")
    said = window.until("agrees", lambda cell: cell["note"])
    seen: dict[str, Any] = {}

    def look(dialog: QDialog) -> None:
        _searched(window, dialog)
        window.child(dialog, "make").click()
        (making,) = dialog.findChildren(QDialog)
        seen["question"] = window.child(making, "text").text()
        seen["can"] = window.child(making, "go").isEnabled()
        making.reject()
        dialog.reject()

    window.when_open(look)
    window.click(".pd-go")
    window.wait(lambda: "question" in seen and not window.dialogs(), "the settings")
    return {**said, **seen, "made": Path(sys.modules[f"{window.package}.places"].own()).exists()}


def _settings(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The dialog, as the menu opens it: interpreters are listed while the window lives."""
    seen: dict[str, Any] = {}

    def look(dialog: QDialog) -> None:
        _searched(window, dialog)
        pythons = window.child(dialog, "pythons")
        rows = [pythons.topLevelItem(at) for at in range(pythons.topLevelItemCount())]
        seen["rows"] = [[row.text(column) for column in range(7)] for row in rows]
        seen["chosen"] = pythons.selectedItems()[0].text(6)
        window.child(dialog, "limit").setValue(33)
        dialog.accept()

    window.when_open(look)
    (action,) = [each for each in window.main.form.menuTools.actions() if "ProofDeck" in each.text()]
    action.trigger()
    return {**seen, "config": window.configured()}


def _json(window: AddonWindow) -> dict[str, Any]:
    """Anki's Config button opens the same dialog, which leads on to Anki's own editor."""
    manager = window.main.addonManager
    action = manager.configAction(window.package)
    answers = []
    for name in ("json", "cancel"):

        def look(dialog: QDialog, name: str = name) -> None:
            window.child(dialog, "json").click() if name == "json" else dialog.reject()

        window.when_open(look)
        answers.append(action() is False)
    return {"leads on": answers, "help": len(manager.addon_meta(window.package).human_name())}


def _searched(window: AddonWindow, dialog: QDialog) -> None:
    pythons = window.child(dialog, "pythons")
    window.wait(lambda: pythons.topLevelItemCount() > 1, "an interpreter")
    window.wait(lambda: not window.child(dialog, "progress").isVisible(), "the end of the search")


if __name__ == "__main__":
    play(scene)
