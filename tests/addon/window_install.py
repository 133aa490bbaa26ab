"""The first start: install the add-on with Anki's own manager and import the decks, as a learner does, then quit."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from anki.collection import ImportAnkiPackageRequest

from tests.deck.window_process import Window


def main() -> None:
    """Install and import what the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--addon", type=Path, required=True)
    parser.add_argument("decks", type=Path, nargs="*")
    options = parser.parse_args()
    window = Window(options.base, night=False, size=(900, 800))
    log, faults = window.main.addonManager.processPackages([str(options.addon)])
    for deck in options.decks:
        window.main.col.import_anki_package(ImportAnkiPackageRequest(package_path=str(deck)))
    closed: list[bool] = []
    window.main.unloadProfile(lambda: closed.append(True))
    window.wait(lambda: closed, "the profile to close")
    report = {"log": log, "faults": faults, "addons": window.main.addonManager.allAddons()}
    (options.out / "report.json").write_text(json.dumps(report, ensure_ascii=False), "utf-8")
    os._exit(0)  # an orderly end may crash in Qt


if __name__ == "__main__":
    main()
