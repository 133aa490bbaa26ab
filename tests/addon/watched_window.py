"""Anki's window, and what the add-on does behind it: Python 3.9, as in the oldest Anki."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from aqt import gui_hooks
from aqt.qt import QDialog

from tests.addon.addon_window import AddonWindow

REPEAT = """？<script>
  window.honest = window.honest || pycmd;
  window.said = window.heard = 0;
  window.say = (message) => { said++; honest(message, () => heard++) };
  window.insist = (message) => {
    for (let n = 0; n < 100; n++) say(message);
    window.insisting = setInterval(say, 20, message);
  };
  window.pycmd = (message, then) => {
    honest(message, then);
    if (message.startsWith("proofdeck:run:") && !window.insisting) insist(message);
  };
</script>"""
"""A question whose script sends the request of a click again: a hundred times at once, and on until it is hushed."""


class WatchedWindow(AddonWindow):
    """Notes every job that an interpreter is given and every question that is asked.

    The add-on counts its pauses by a clock that stands still between two presses: a slow machine excuses nothing.
    """

    def __init__(self, base: Path, *, language: str = "zh_CN") -> None:
        super().__init__(base, language=language)
        self.jobs: list[Any] = []
        self.questions = 0
        self.inside = 0
        """Dialogs that were opened before the call of the page that led to them was answered."""
        self._now = 1000.0
        self._hearing = False
        self._watch()
        self._listen()

    @property
    def _reviews(self) -> type:
        return self.module("qt.review").Review

    @staticmethod
    def _owner(handler: Any) -> Any:
        """Whose method stands behind the guard of a hook's handler."""
        return getattr(getattr(handler, "__wrapped__", handler), "__self__", None)

    def _watch(self) -> None:
        engine, approval = self.module("cells.runner").Engine, self.module("qt.approval").Approval
        run, show = engine.run, approval.open

        def given(self_: Any, job: Any) -> Any:
            self.jobs.append(job)
            return run(self_, job)

        def asked(dialog: QDialog) -> None:
            self.questions += 1
            self.inside += self._hearing
            show(dialog)

        engine.run, approval.open = given, asked
        preferences = self.module("qt.preferences").Preferences
        preferences.exec = self._opened(preferences.exec)

    def _listen(self) -> None:
        """Stand between Anki and the handler of messages that was added last."""
        hooks = gui_hooks.webview_did_receive_js_message._hooks
        *_, listener = [each for each in hooks if isinstance(self._owner(each), self._reviews)]
        self._hear = listener

        def hear(*message: Any) -> Any:
            self._hearing = True
            told = listener(*message)
            self._hearing = False
            return told

        hooks[hooks.index(listener)] = hear

    def _opened(self, run: Any) -> Any:
        def opened(dialog: QDialog) -> Any:
            self.inside += self._hearing
            return run(dialog)

        return opened

    def restart(self) -> None:
        """What a start of Anki does with the add-on, here with the code that is loaded."""
        self.module("qt").Addon(self.main, self.package).install()
        self._listen()

    def module(self, name: str) -> ModuleType:
        """A module of the add-on that Anki has loaded."""
        return sys.modules[f"{self.package}.{name}"]

    @property
    def desk(self) -> Any:
        """The open profile's."""
        return self.review.desk

    @property
    def review(self) -> Any:
        """What the add-on does on the reviewer's page."""
        return self._owner(self._hear)

    def wind(self) -> None:
        """Let the pause after a run or a question pass."""
        self._now += 60
        self.desk.clock = lambda: self._now

    def press(self, name: str) -> None:
        """The first press of a cell for a long time."""
        self.wind()
        super().press(name)

    def refuse(self) -> str:
        """Cancel the question that is open; the code that it shows."""
        dialog = self.dialog()
        code = str(self.child(dialog, "code").toPlainText())
        dialog.reject()
        self.wait(lambda: not self.dialogs(), "the dialog to close")
        return code

    def asked_about(self, name: str) -> str:
        """Press a cell and cancel the question; the code that it shows."""
        self.press(name)
        return self.refuse()

    def approve(self, name: str) -> None:
        """Press a cell, and say yes if that is asked."""
        self.press(name)
        if not self.dialogs():
            return
        run = self.child(self.dialog(), "run")
        self.wait(run.isEnabled, "Run to be armed")
        run.click()
        self.wait(lambda: not self.dialogs(), "the dialog to close")

    @contextlib.contextmanager
    def rewritten(self, name: str, **fields: str) -> Iterator[None]:
        """The note with other fields, as long as the context is open."""
        note = self.note(name)
        before = {key: note[key] for key in fields}
        self._write(note, fields)
        yield
        self._write(note, before)

    def _write(self, note: Any, fields: dict[str, str]) -> None:
        for key, value in fields.items():
            note[key] = value
        self.main.col.update_note(note)

    def repeated(self, times: int = 25) -> None:
        """Let a page with REPEAT be heard so many times more."""
        enough = self.evaluate("window.heard") + times
        self.wait(lambda: self.evaluate("window.heard") >= enough, "requests")

    def repeat(self, message: str) -> None:
        """Let a page with REPEAT send a message, as if that had been the request of a click."""
        self.evaluate(f"insist({message!r}); 1")

    def hush(self) -> int:
        """Stop such a page; how often it has asked, and was heard."""
        self.evaluate("clearInterval(insisting); window.insisting = 0; window.pycmd = honest; 1")
        self.wait(lambda: self.evaluate("said === heard"), "requests")
        return int(self.evaluate("window.heard"))

    def reopen(self) -> None:
        """Close the profile and open it again."""
        closed: list[bool] = []
        self.main.unloadProfile(lambda: closed.append(True))
        self.wait(lambda: closed, "the profile to close")
        self.main.loadProfile()
        self.wait(lambda: self.main.col and self.main.state == "deckBrowser", "the profile to open again")
