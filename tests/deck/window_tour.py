"""The process of a tour: several cards after one another in one Anki window, both sides, each at every width.

Started by `anki_window.review(..., program="window_tour")`; the report is that of `window_process`, per card, side and
width, with what the page asked of another server than Anki's own.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from aqt.qt import QWebEngineUrlRequestInfo, QWebEngineUrlRequestInterceptor
from aqt.webview import AnkiWebPage

from tests.deck.window_process import LOOK, Window

TESTS = Path(__file__).parents[1]
CONTRAST = (TESTS / "render" / "contrast.js").read_text(encoding="utf-8")
EXAMINE = (TESTS / "browser" / "examine.js").read_text(encoding="utf-8")
WIDTHS = (400, 1280)
"""Anki lets its window be no narrower than 400."""


class Requests(QWebEngineUrlRequestInterceptor):
    """Notes what the card's page asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        self.seen.append(info.requestUrl().toString())


class Tour(Window):
    """A window that goes from card to card."""

    def __init__(self, base: Path, *, night: bool) -> None:
        super().__init__(base, night=night, size=(WIDTHS[0], 800))
        self.requests = Requests()
        self.main.web.page().setUrlRequestInterceptor(self.requests)

    def _record_console(self) -> None:
        def record(page: Any, level: Any, message: str, line: int, source: str) -> None:
            print(f"console {level}: {source}:{line} {message}")
            # whatever the card's page says, be it only a warning; Anki's own scripts may say what they like
            if page is self.main.web.page() and "/_anki/" not in source:
                self.errors.append(f"{source}:{line} {message}")

        AnkiWebPage.javaScriptConsoleMessage = record

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

    def look(self, width: int) -> dict[str, Any]:
        """The facts of the side that is shown, at this width, everything unfolded."""
        self.main.resize(width, 800)
        self.wait(lambda: self.evaluate("innerWidth") == width, "the width")
        self.evaluate("document.querySelectorAll('details').forEach(d => d.open = true); 0")
        self.settle()
        faint = [each for each in self.evaluate(f"({CONTRAST})()") if each["ratio"] < 4.5]
        return {**self.evaluate(LOOK), "faint": faint, "faults": self.evaluate(f"({EXAMINE})()")}

    def strangers(self) -> list[str]:
        """Requests to anything but Anki's own server."""
        own = f"http://127.0.0.1:{self.main.mediaServer.getPort()}/"
        return [url for url in self.requests.seen if not url.startswith((own, "data:", "qrc:", "about:"))]


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
        window = Tour(Path(base), night=options.night)
        for name in options.names.split(","):
            window.visit(options.package, name)
            for side in ("front", "back"):
                if side == "back":
                    window.show_answer()
                for width in WIDTHS:
                    key = f"{name}-{side}-{width}"
                    sides[key] = window.look(width)
                    window.shoot(options.out / f"{key}.png")
        report = {"sides": sides, "errors": window.errors, "requests": len(window.requests.seen),
                  "strangers": window.strangers()}  # fmt: skip
        (options.out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
        os._exit(0)  # an orderly end may crash in Qt


if __name__ == "__main__":
    main()
