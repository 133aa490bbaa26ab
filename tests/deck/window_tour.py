"""The process of a tour: several cards after one another in one Anki window, both sides, widths in turn.

Started by `anki_window.review(..., program="window_tour")`; the report is that of `window_process`, per card and side.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from tests.deck.window_process import LOOK, Window

CONTRAST = (Path(__file__).parents[1] / "render" / "contrast.js").read_text(encoding="utf-8")
WIDTHS = (400, 1280)
"""Anki lets its window be no narrower than 400."""


class Tour(Window):
    """A window that goes from card to card."""

    def visit(self, package: Path, name: str) -> None:
        """Open the reviewer on one note's card."""
        collection = self.main.col
        suspended = collection.find_cards("is:suspended")
        if suspended:
            collection.sched.unsuspend_cards(suspended)
        # by way of the deck list, so that the page of the card before is gone
        self.main.moveToState("deckBrowser")
        self.wait(lambda: self.evaluate("!!document.querySelector('tr.deck')"), "the deck list")
        self.review(package, f"Id:{name}")

    def look(self) -> dict[str, Any]:
        """The facts of the side that is shown, everything unfolded."""
        self.evaluate("document.querySelectorAll('details').forEach(d => d.open = true); 0")
        self.settle()
        faint = [each for each in self.evaluate(f"({CONTRAST})()") if each["ratio"] < 4.5]
        return {**self.evaluate(LOOK), "faint": faint, "screen": self.evaluate("innerWidth")}


def main() -> None:
    """Visit the cards named on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("package", type=Path)
    parser.add_argument("--names", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--night", action="store_true")
    options = parser.parse_args()
    sides: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as base:
        window = Tour(Path(base), night=options.night, size=(WIDTHS[0], 800))
        for number, name in enumerate(options.names.split(",")):
            window.main.resize(WIDTHS[number % len(WIDTHS)], 800)
            window.visit(options.package, name)
            for side in ("front", "back"):
                if side == "back":
                    window.show_answer()
                sides[f"{name}-{side}"] = window.look()
                window.shoot(options.out / f"{name}-{side}.png")
        report = {"sides": sides, "errors": window.errors}
        (options.out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
        os._exit(0)  # an orderly end may crash in Qt


if __name__ == "__main__":
    main()
