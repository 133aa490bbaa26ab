"""What the add-on trusts was cut, lost, made huge, or came with another package: it knows less then, and never more."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from build_deck.cells.identity import digest
from tests.addon.addon_window import play
from tests.addon.cells_text import entries
from tests.addon.watched_window import WatchedWindow

HUGE = 5 << 20
REPLACED = ("known.txt", "manifest.json", "meta.json", "user_files")


def scene(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """What a press of a known cell and one of an approved cell lead to, after each damage."""
    window.visit("unknown")
    window.approve("unknown")
    window.until("unknown", lambda cell: cell["state"] == "done")
    known, approved = _lists(window)
    listed, decided = known.read_text("ascii"), approved.read_text("utf-8")
    told: dict[str, Any] = {"sound": _pressed(window)}
    # in the middle of the digest that the press needs, and of the file
    known.write_text(listed[: listed.index(_digest(window)) + 63], "ascii")
    approved.write_text(decided[:-20], "utf-8")
    told["cut"] = _pressed(window)
    known.unlink()
    approved.write_text(json.dumps({**json.loads(decided), "pad": " " * HUGE}), "utf-8")
    told["gone"] = _pressed(window)
    approved.write_text(decided, "utf-8")
    told["replaced"] = {**_replace(window, out / "older.ankiaddon"), **_pressed(window)}
    return told


def _lists(window: WatchedWindow) -> tuple[Path, Path]:
    (approved,) = (window.folder() / "user_files").glob("approved-*.json")
    return window.folder() / "known.txt", approved


def _digest(window: WatchedWindow) -> str:
    (cell,) = entries(window.note("agrees")["Cells"])
    return digest(cell)


def _pressed(window: WatchedWindow) -> dict[str, str]:
    """In a profile that was opened after the damage."""
    window.reopen()
    told = {}
    for name in ("agrees", "unknown"):
        window.visit(name)
        window.press(name)
        if window.dialogs():
            window.refuse()
            told[name] = "asked"
        else:
            told[name] = window.until(name, lambda cell: cell["state"] == "done")["printed"]
    return told


def _replace(window: WatchedWindow, package: Path) -> dict[str, Any]:
    """Install a package of an older release, whose list somebody has filled with what he would like it to mean."""
    folder, known = window.folder(), _digest(window)
    lines = ("*", ".*", known.upper(), known + "0", "sha256:" + known, known[:32] + " " + known[32:])
    manifest = {"package": window.package, "name": "older", "mod": 1}
    with zipfile.ZipFile(package, "w") as archive:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and inside.parts[0] not in REPLACED:
                archive.write(path, inside.as_posix())
        archive.writestr("known.txt", "\n".join(lines))
        archive.writestr("manifest.json", json.dumps(manifest))
    manager = window.main.addonManager
    _, faults = manager.processPackages([str(package)])
    retired = window.desk is None
    window.restart()
    return {"faults": faults, "retired": retired, "name": manager.addon_meta(window.package).human_name()}


if __name__ == "__main__":
    play(scene, WatchedWindow)
