"""The process in which Anki's window lives: started by `anki_window`, never imported by a test.

The report is written last, and only when all went well.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aqt
from anki.collection import ImportAnkiPackageRequest
from aqt.profiles import ProfileManager, VideoDriver
from aqt.theme import Theme
from aqt.webview import AnkiWebPage

PROFILE = "Test"

LOOK = """(() => {
  const visible = e => e.checkVisibility ? e.checkVisibility() : true;
  const raw = document.createTreeWalker(document.getElementById('qa'), NodeFilter.SHOW_TEXT);
  const left = [];
  while (raw.nextNode()) {
    const node = raw.currentNode;
    if (!node.parentElement.closest('pre, code, style, script, mjx-container') && /\\\\[(\\[]/.test(node.data))
      left.push(node.data);
  }
  return {
    text: document.getElementById('qa').innerText,
    images: [...document.images].map(i => ({src: i.getAttribute('src'), width: i.naturalWidth, shown: visible(i)})),
    maths: document.querySelectorAll('mjx-container').length,
    bad_maths: [...document.querySelectorAll('mjx-merror, [data-mjx-error]')].map(e => e.textContent),
    raw_maths: left,
    too_wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    night: document.body.classList.contains('nightMode'),
  };
})()"""
READY = """document.readyState === 'complete' && !!document.getElementById('qa')
  && document.getElementById('qa').childNodes.length > 0 && [...document.images].every(i => i.complete)"""


class Window:
    """One Anki in this process, with an empty collection in a new profile, or with those that `base` has."""

    def __init__(self, base: Path, *, night: bool, size: tuple[int, int], language: str = "zh_CN") -> None:
        base.mkdir(parents=True, exist_ok=True)
        manager = ProfileManager(base)
        manager.setupMeta()
        if not (base / PROFILE).is_dir():
            manager.create(PROFILE)
        manager.load(PROFILE)
        manager.set_theme(Theme.DARK if night else Theme.LIGHT)
        manager.set_video_driver(VideoDriver.Software)
        manager.setLang(language)
        manager.meta |= {"firstRun": False, "updates": False, "check_for_updates": False}
        manager.save()
        manager.db.close()
        self.errors: list[str] = []
        self._record_console()
        self.app = aqt._run(argv=["anki", "-b", str(base), "-p", PROFILE], exec=False)
        self.main = aqt.mw
        self.wait(lambda: self.main.col and self.main.state == "deckBrowser", "the deck list")
        self.main.resize(*size)
        self.main.show()
        # it is drawn by a task in the background, which would otherwise overwrite the first card
        self.wait(lambda: self.evaluate("!!document.querySelector('tr.deck')"), "the deck list's page")

    def _record_console(self) -> None:
        def record(page: Any, level: Any, message: str, line: int, source: str) -> None:
            print(f"console {level}: {source}:{line} {message}")
            # Anki's own bars log while they load; the card's page is the main web view
            if level == type(level).ErrorMessageLevel and page is self.main.web.page():
                self.errors.append(f"{source}:{line} {message}")

        AnkiWebPage.javaScriptConsoleMessage = record

    def pump(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.app.processEvents()
            time.sleep(0.01)

    def wait(self, ready: Callable[[], Any], what: str, seconds: float = 60) -> None:
        began = time.monotonic()
        while not ready():
            if time.monotonic() > began + seconds:
                raise TimeoutError(f"waited {seconds} s for {what}")
            self.pump(0.03)
        if time.monotonic() > began + 1:
            print(f"waited {time.monotonic() - began:.1f} s for {what}")

    def evaluate(self, script: str) -> Any:
        """The JSON value of a JavaScript expression in the main page."""
        box: list[Any] = []
        self.main.web.page().runJavaScript(script, box.append)
        self.wait(lambda: box, script[:50])
        return box[0]

    def review(self, package: Path, find: str) -> None:
        """Import the package and open the reviewer on the first card found."""
        self.main.col.import_anki_package(ImportAnkiPackageRequest(package_path=str(package.resolve())))
        self.show(find)

    def show(self, find: str) -> None:
        """Open the reviewer on the first card found, all others suspended."""
        collection = self.main.col
        found = collection.find_cards(find, order=True)
        if not found:
            raise LookupError(f"no card matches {find!r}")
        card = collection.get_card(found[0])
        others = [other for other in collection.find_cards("") if other != card.id]
        if others:
            collection.sched.suspend_cards(others)
        collection.decks.select(card.did)
        self.rest()
        for _ in range(5):
            self.main.moveToState("review")
            with contextlib.suppress(TimeoutError):
                self.wait(lambda: self.evaluate(READY), "the card", 15)
                break
            # a deck list drawn late, by a task in the background, has overwritten the card: once more
            self.main.moveToState("deckBrowser")
            self.pump(2)
            self.errors.clear()  # of a page that was torn down while it loaded
        shown = self.main.reviewer.card
        if shown is None or shown.id != card.id:
            raise LookupError(f"the reviewer shows {shown and shown.id} instead of card {card.id}")
        self.settle()

    def rest(self) -> None:
        """Wait for what Anki does beside the window: one more task, in the queue behind all others."""
        done: list[bool] = []
        self.main.taskman.run_in_background(lambda: None, lambda _: done.append(True))
        self.wait(lambda: done, "the tasks in the background")

    def settle(self) -> None:
        """Wait for the page, its pictures and MathJax, which comes only where there is a formula."""
        self.wait(lambda: self.evaluate(READY), "the card")
        with contextlib.suppress(TimeoutError):  # a formula that stays raw is a finding, not a failure of this driver
            self.wait(lambda: not self.evaluate(LOOK)["raw_maths"], "MathJax", 15)
        self.evaluate(
            "window.typeset = 0; Promise.resolve(window.MathJax?.startup?.promise).then(() => typeset = 1); 0"
        )
        self.wait(lambda: self.evaluate("window.typeset"), "MathJax")
        self.pump(0.3)

    def show_answer(self) -> None:
        self.main.reviewer._showAnswer()
        self.wait(lambda: self.main.reviewer.state == "answer", "the answer")
        self.settle()

    def shoot(self, path: Path) -> None:
        """A picture of the page in its whole height."""
        size = self.main.size()
        height = int(self.evaluate("document.documentElement.scrollHeight"))
        self.main.resize(size.width(), min(height + size.height() - self.main.web.height() + 4, 6000))
        self.pump(0.6)
        if not self.main.web.grab().save(str(path)):
            raise OSError(f"cannot write {path}")
        self.main.resize(size)
        self.pump(0.1)


def main() -> None:
    """Review one card as asked on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("package", type=Path)
    parser.add_argument("--find", default="deck:*")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--night", action="store_true")
    parser.add_argument("--width", type=int, default=900)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    sides: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as base:
        window = Window(Path(base), night=options.night, size=(options.width, 800))
        window.review(options.package, options.find)
        for side in ("question", "answer", "opened"):
            if side == "answer":
                window.show_answer()
            if side == "opened":
                window.evaluate("document.querySelectorAll('details').forEach(d => d.open = true); 0")
                window.settle()
            sides[side] = window.evaluate(LOOK)
            window.shoot(options.out / f"{side}.png")
        report = {"sides": sides, "errors": window.errors}
        (options.out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
        os._exit(0)  # an orderly end may crash in Qt


if __name__ == "__main__":
    main()
