"""A run in the middle of which the profile closes, opens again, the add-on is deleted, Anki quits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aqt.qt import QTimer

from tests.addon.addon_window import AddonWindow, play


def scene(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Every step and what was left after it."""
    before, doors = window.stored(), window.listening()
    _hang(window)
    told: dict[str, Any] = {"running": len(window.children()), "doors": [doors, window.listening()]}
    told["closed"] = _close(window)
    window.main.loadProfile()
    window.wait(lambda: window.main.col and window.main.state == "deckBrowser", "the profile to open again")
    window.visit("agrees")
    told["again"] = window.run("agrees")["state"]
    told["settings"] = _settings(window, out)
    _hang(window)
    window.main.addonManager.deleteAddon(window.package)
    window.main.moveToState("deckBrowser")
    told["deleted"] = [window.main.addonManager.allAddons(), window.stored() == before]
    window.visit("agrees", "question")
    _hang_is_over(window)
    closed: list[bool] = []
    window.main.unloadProfile(lambda: closed.append(True))
    window.wait(lambda: closed, "the profile to close")
    told["left"] = len(window.children())
    return told


def _hang(window: AddonWindow) -> None:
    window.visit("endless")
    window.press("endless")
    window.until("endless", lambda cell: "begun" in cell["printed"])


def _hang_is_over(window: AddonWindow) -> None:
    window.wait(lambda: window.main.reviewer.card is not None, "a card")


def _close(window: AddonWindow) -> int:
    closed: list[bool] = []
    window.main.unloadProfile(lambda: closed.append(True))
    window.wait(lambda: closed, "the profile to close")
    window.wait(lambda: not window.children(), "the processes of the run to end", 10)
    return len(window.children())


def _settings(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The dialog, as the menu opens it: interpreters are listed while the window lives."""
    window.gaps.take()
    seen: dict[str, Any] = {}

    def look() -> None:
        (dialog,) = window.dialogs()
        pythons = window.child(dialog, "pythons")
        window.wait(lambda: pythons.topLevelItemCount() > 1, "an interpreter")
        window.wait(lambda: not window.child(dialog, "progress").isVisible(), "the end of the search")
        rows = [pythons.topLevelItem(at) for at in range(pythons.topLevelItemCount())]
        seen["rows"] = [[row.text(column) for column in range(6)] for row in rows]
        seen["chosen"] = pythons.currentItem().text(5)
        dialog.grab().save(str(out / "settings.png"))
        window.child(dialog, "limit").setValue(33)
        dialog.accept()

    QTimer.singleShot(300, look)
    (action,) = [each for each in window.main.form.menuTools.actions() if "ProofDeck" in each.text()]
    action.trigger()
    config = window.main.addonManager.getConfig(window.package) or {}
    return {**seen, "gap": window.gaps.take(), "config": config}


if __name__ == "__main__":
    play(scene)
