"""Anki's window with the add-on in it, for the processes that the tests start: Python 3.9, as in the oldest Anki."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aqt
from aqt.qt import QApplication, QDialog, QEvent, QPoint, Qt, QTimer, QWidget, qVersion
from PyQt6.QtTest import QTest

from tests.addon.own_work import OwnWork
from tests.deck.window_process import Window

CELL = """(() => {
  const home = document.querySelector(`#qa .cell[data-cell="%s"]`), root = home && home.querySelector('.pd-run');
  if (!root) return null;
  const get = name => home.querySelector(name), printed = get('.pd-printed'), diff = get('.pd-diff');
  const images = [...home.querySelectorAll('.pd-shown img')];
  const seen = images.filter(image => getComputedStyle(image).display !== 'none');
  return {
    state: root.dataset.state, button: get('.pd-go').textContent, enabled: !get('.pd-go').disabled,
    named: get('.pd-go').getAttribute('aria-label'), title: get('.pd-go').title,
    target: get('.pd-go').offsetHeight, note: get('.pd-note').textContent, clock: get('.pd-clock').textContent,
    tone: (get('.pd-note span') || {className: ''}).className,
    tones: [...home.querySelectorAll('.pd-note span')].map(each => each.className),
    labels: [...home.querySelectorAll('.pd-label')].filter(each => !each.hidden).map(each => each.textContent),
    printed: printed.hidden ? '' : printed.textContent, diff: diff.hidden ? '' : diff.textContent,
    foreign: [...printed.querySelectorAll('*')].filter(e => !['PRE', 'SAMP', 'SPAN'].includes(e.tagName)).length,
    images: seen.map(image => ({scheme: image.src.slice(0, 19), width: image.naturalWidth, name: image.className})),
    folded: !get('.pd-figures').hidden && !get('.pd-figures').open,
  };
})()"""

SELECTED = ("curDeck", "activeDecks")
"""What Anki itself stores when a deck is opened."""

CENTRE = """(() => {
  const target = document.querySelector('%s');
  if (!target) return null;
  target.scrollIntoView({block: 'center'});
  const box = target.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
})()"""


class Gaps:
    """How long the window's loop went without a turn, at worst, and how long it computed in a turn."""

    def __init__(self) -> None:
        self._worst, self._last = (0.0, 0.0), (0.0, 0.0)
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self.take()

    def _tick(self) -> None:
        # a machine with much else to do lets any program wait, but does not let it compute
        now = (time.monotonic(), time.thread_time())
        self._worst = tuple(max(worst, at - last) for worst, at, last in zip(self._worst, now, self._last))  # noqa: B905  (Python 3.9)
        self._last = now

    def take(self) -> dict[str, float]:
        """Milliseconds since the last call: `gap`, the longest, and `work`, computed in one turn at most."""
        self._tick()
        gap, work = (round(worst * 1000, 1) for worst in self._worst)
        self._worst = (0.0, 0.0)
        return {"gap": gap, "work": work}


class AddonWindow(Window):
    """A window whose add-on has been installed in `base` by an earlier start."""

    def __init__(self, base: Path, *, night: bool = False, width: int = 900, language: str = "zh_CN") -> None:
        super().__init__(base, night=night, size=(width, 800), language=language)
        self.gaps = Gaps()
        self.own = OwnWork(self.folder())
        sys.excepthook = self._record_exception

    def _record_exception(self, *raised: Any) -> None:
        # of a slot, or of what reaches the window from elsewhere: Anki would show it in a dialog of its own
        told = "".join(traceback.format_exception(*raised))
        print(told)
        self.errors.append(told[-1500:])

    def pump(self, seconds: float) -> None:
        super().pump(seconds)
        # as in a loop that Qt itself runs: what a closed dialog was made of goes
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    @property
    def package(self) -> str:
        """The add-on's folder name."""
        (name,) = self.main.addonManager.allAddons()
        return str(name)

    def configure(self, **values: Any) -> None:
        """Change the add-on's configuration as Anki's own editor does."""
        manager = self.main.addonManager
        manager.writeConfig(self.package, {**self.configured(), **values})
        changed = manager.configUpdatedAction(self.package)
        if changed:
            changed(self.configured())

    def configured(self) -> dict[str, Any]:
        """The add-on's configuration as Anki has it."""
        return dict(self.main.addonManager.getConfig(self.package) or {})

    def folder(self) -> Path:
        """Where the add-on lies."""
        return Path(self.main.addonManager.addonsFolder(self.package))

    def visit(self, name: str, side: str = "answer") -> None:
        """Go on to one note's card as after an answer; from elsewhere open the reviewer on it."""
        collection, query = self.main.col, "Id:" + name
        collection.sched.unsuspend_cards(collection.find_cards(query))
        if self.main.state == "review":
            collection.sched.suspend_cards(collection.find_cards("-" + query))
            self.main.reviewer.nextCard()
            self.settle()
        else:
            self.wait(lambda: self.evaluate("!!document.querySelector('tr.deck')"), "the deck list")
            self.show(query)
        card = self.main.reviewer.card
        if card is None or card.note()["Id"] != name:
            raise LookupError(f"the reviewer does not show {name}")
        if side == "answer":
            self.show_answer()

    def cell(self, name: str) -> dict[str, Any]:
        """What the run controls of a cell show; empty while there are none."""
        return dict(self.evaluate(CELL % name) or {})

    def until(self, name: str, ready: Callable[[dict[str, Any]], Any], seconds: float = 60) -> dict[str, Any]:
        """The cell as it is once `ready` holds for it."""
        seen: list[dict[str, Any]] = []

        def look() -> bool:
            seen[:] = [self.cell(name)]
            return bool(seen[0] and ready(seen[0]))

        try:
            self.wait(look, "cell " + name, seconds)
        except TimeoutError as late:
            raise TimeoutError(f"{late}: {json.dumps(seen, ensure_ascii=False)[:800]}") from late
        return seen[0]

    def click(self, selector: str) -> None:
        """A real click of the mouse in the middle of the first element that matches."""
        where = self.evaluate(CENTRE % selector)
        if not where:
            raise LookupError(f"nothing matches {selector}")
        web = self.main.web
        QTest.mouseClick(
            web.focusProxy() or web, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(*map(int, where))
        )

    def press(self, name: str) -> None:
        """Click the button of a cell, as soon as it is there, until it is answered: a second lies between two runs."""
        root = f"""document.querySelector('.cell[data-cell="{name}"] .pd-run')"""
        for _ in range(20):
            self.until(name, lambda cell: cell["enabled"])
            self.evaluate(f"{root}.dataset.state = 'pressed'")
            self.click(f'.cell[data-cell="{name}"] .pd-go')
            # a click too soon after the last one is not even answered
            with contextlib.suppress(TimeoutError):
                self.wait(lambda: self.dialogs() or self.cell(name)["state"] != "pressed", "an answer", 5)
                if self.dialogs() or "half" not in self.cell(name)["tone"]:
                    return
            self.pump(0.2)
        raise TimeoutError(f"{name} was refused: {self.cell(name)}")

    def run(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """Click on Run and wait for the end."""
        self.press(name)
        return self.until(name, lambda cell: cell["state"] == "done", seconds)

    def stored(self) -> dict[str, str]:
        """Digests of all that the collection holds, by table, but for what reviewing itself moves about."""
        database = self.main.col.db
        tables = {"notes": "id, guid, mid, mod, tags, flds", "cards": "id, nid, did, ord, reps, lapses, data",
                  "revlog": "*", "notetypes": "id, name, config", "templates": "ntid, ord, config",
                  "fields": "ntid, ord, name, config", "decks": "id, name, common, kind", "tags": "tag",
                  "deck_config": "id, name, config", "config": "key, val", "graves": "oid, type"}  # fmt: skip
        rows = {name: database.all(f"select {columns} from {name} order by 1") for name, columns in tables.items()}
        rows["config"] = [row for row in rows["config"] if row[0] not in SELECTED]
        rows["media"] = sorted(path.name for path in Path(self.main.col.media.dir()).iterdir())
        return {name: hashlib.sha256(repr(each).encode()).hexdigest() for name, each in rows.items()}

    def changed(self, before: dict[str, str]) -> list[str]:
        """The tables that are not as they were when `before` was taken."""
        return [name for name, digest in self.stored().items() if digest != before[name]]

    def note(self, name: str) -> Any:
        """The note with this id of ours."""
        (found,) = self.main.col.find_notes("Id:" + name)
        return self.main.col.get_note(found)

    def ask(self, web: Any, script: str) -> Any:
        """The JSON value of a JavaScript expression in a page of any window."""
        box: list[Any] = []
        web.page().runJavaScript(script, box.append)
        self.wait(lambda: box, script[:50])
        return box[0]

    def children(self) -> list[int]:
        """Processes below this one, but for those of Qt's web pages."""
        parents: dict[int, list[int]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                name, _, rest = stat.read_text().rpartition(")")
                if "QtWebEngine" not in name and rest.split()[0] != "Z":
                    parents.setdefault(int(rest.split()[1]), []).append(int(stat.parent.name))
        found = list(parents.get(os.getpid(), ()))
        for pid in found:  # grows while it is walked
            found += parents.get(pid, ())
        return found

    def listening(self) -> list[str]:
        """TCP and UDP sockets of this process and those below it that wait for somebody."""
        held: set[str] = set()
        for pid in (os.getpid(), *self.children()):
            for each in Path(f"/proc/{pid}/fd").glob("*"):
                with contextlib.suppress(OSError):
                    held.add(str(each.readlink()))
        rows = [
            row.split()
            for name in ("tcp", "tcp6", "udp", "udp6")
            for row in Path("/proc/net", name).read_text().splitlines()[1:]
        ]
        return sorted(row[1] for row in rows if row[3] in ("0A", "07") and f"socket:[{row[9]}]" in held)

    def dialogs(self) -> list[QDialog]:
        """Dialogs on the screen."""
        return [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]

    def dialog(self, seconds: float = 10) -> QDialog:
        """The one dialog, as soon as it is there."""
        self.wait(self.dialogs, "a dialog", seconds)
        (found,) = self.dialogs()
        return found

    def when_open(self, look: Callable[[QDialog], None], also: QDialog | None = None) -> None:
        """Call `look` with the next dialog besides `also` as soon as it is there; it may block by a loop of its own."""
        timer = QTimer(self.main)
        timer.setInterval(20)

        def tick() -> None:
            opened = [each for each in self.dialogs() if each is not also]
            if opened:
                timer.stop()
                look(opened[0])

        timer.timeout.connect(tick)
        timer.start()

    def child(self, parent: QWidget, name: str) -> Any:
        """The widget with this object name."""
        found: QWidget | None = parent.findChild(QWidget, name)
        if found is None:
            raise LookupError(f"no {name} in {parent.windowTitle()}")
        return found


def play(scene: Callable[[Any, Path], dict[str, Any]], kind: type[AddonWindow] = AddonWindow) -> None:
    """Start Anki as the command line says, play the scene, write what it tells into report.json, end at once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--python", default="", help="interpreter for the cells")
    parser.add_argument("--language", default="zh_CN")
    options = parser.parse_args()
    window = kind(options.base, language=options.language)
    if options.python:
        window.configure(python=options.python, warm=False, time_limit=5)
    told = scene(window, options.out)
    report = {**told, "errors": window.errors, "anki": aqt.appVersion, "qt": qVersion()}
    (options.out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
    os._exit(0)  # an orderly end may crash in Qt
