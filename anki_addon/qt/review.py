"""The reviewer's page: run controls on its cells, and the messages that its scripts may send.

Only the reviewer is heard, and only while a card is on show and nothing else (a sync, a profile that closes) goes on.
Of a message nothing is taken but the id of a cell: the code comes from the note, as Anki has it.
"""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from anki.cards import Card
from anki.errors import AnkiException
from aqt.main import AnkiQt
from aqt.qt import QApplication, QTimer, QWidget
from aqt.reviewer import Reviewer
from aqt.webview import WebContent

from ..cells.ink import INKS
from ..desk import PAUSE, Desk
from ..exchange import ASK, LACKING, STARTED, Answer, Place
from ..exchange import Approval as Unknown
from ..messages import is_ours, parse
from . import approval
from .guard import guarded
from .view import complaint, view

TURN = 30
"""Milliseconds between two looks at what the run has printed."""
HASTE = {"run": 0.1, "stop": 0.1, "settings": 0.1, "state": 1.0}
"""Seconds after a request in which no other of its kind is heard: no finger is faster, a script may be; each side of a
card asks for the state once.
"""


class Review:
    """What happens on the reviewer's page. `desk` gives the open profile's desk; None while there is none."""

    def __init__(self, main: AnkiQt, web: str, labels: Callable[[], Mapping[str, str]]) -> None:
        self._main = main
        self._web = web
        self._labels = labels
        self.desk: Optional[Desk] = None
        self.syncing = False
        self.open_settings: Callable[[], None] = lambda: None
        self._dialog: Optional[QWidget] = None
        self._heard: Dict[str, float] = {}
        """When the last request of each kind was."""
        self._left = 0.0
        self._note = ""
        self._timer = QTimer(main)
        self._timer.setInterval(TURN)
        self._timer.timeout.connect(guarded(self.flush))

    def add_assets(self, content: WebContent, context: Optional[object]) -> None:
        """Hook: the page of a review is about to be loaded."""
        if isinstance(context, Reviewer) and self.desk is not None:
            content.js.append(self._web + "cells.js")
            content.css.append(self._web + "cells.css")

    def attach(self, text: str, card: Card, kind: str) -> str:
        """Hook: a side of a card is about to be shown."""
        if kind not in ("reviewQuestion", "reviewAnswer") or self.desk is None:
            return text
        if self._note != str(card.nid):
            self._note = str(card.nid)
            self._withdraw()
            self.desk.stop()
        if not _cells(card):
            return text
        self.desk.warm()
        self._heard.pop("state", None)  # this side asks once, however many its script has sent before
        return text + "<script>window.proofdeck && proofdeck.attach()</script>"

    def hear(self, handled: Tuple[bool, Any], message: str, context: Any) -> Tuple[bool, Any]:
        """Hook: a page has sent a message. Ours are swallowed wherever they come from, and obeyed only from here."""
        if not is_ours(message):
            return handled
        request = parse(message)
        # another page's requests do not count: they would use up the reviewer's
        if request is None or self.desk is None or not self._is_reviewing(context) or self._is_haste(request.kind):
            return True, None
        place = self._place()
        if not place.reviewing:
            return True, None
        if request.kind == "state":
            return True, self._state(self.desk, place)
        if request.kind == "run":
            self._answer(request.cell, place, self.desk.press(request.cell, place))
        elif request.kind == "stop":
            self.desk.stop()
        elif request.kind == "settings":
            QTimer.singleShot(0, self._lead_to_settings)
        return True, None

    def redraw(self) -> None:
        """The settings have changed: what a cell offers may be something else."""
        self._heard.pop("state", None)
        self._main.web.eval("window.proofdeck && proofdeck.attach()")

    def press(self) -> None:
        """The keyboard shortcut: what has the focus, or the first cell in sight."""
        self._main.web.eval("window.proofdeck && proofdeck.press()")

    def leave(self) -> None:
        """Hook: the review is over, or interrupted; a question that is still open is answered with no."""
        self._note = ""
        self._withdraw()
        if self.desk is not None:
            self.desk.stop()

    def flush(self) -> None:
        """Tell the page what has happened since the last turn."""
        if self.desk is None:
            self._timer.stop()
            return
        calls = [self._told(update) for update in self.desk.updates() if update["note"] == self._note]
        if calls:
            self._main.web.eval(";".join(calls))
        if not self.desk.running:
            self._timer.stop()

    def _told(self, update: Mapping[str, Any]) -> str:
        """What the page is to do about an update."""
        cell = update["cell"]
        if "state" in update:
            return _call("show", {cell: view(update["state"], self._labels())})
        if "figure" in update:
            number, piece, last = update["figure"]
            return _call("draw", cell, number, piece, INKS if last else None)
        return _call("print", cell, update["output"])

    def _state(self, desk: Desk, place: Place) -> Dict[str, Any]:
        states = {cell: view(state, self._labels()) for cell, state in desk.state(place).items()}
        if desk.running:  # a run goes on, or figures are to follow
            self._timer.start()
        return states

    def _answer(self, cell: str, place: Place, answer: Answer) -> None:
        if answer.kind == STARTED:
            self._timer.start()
        elif answer.kind == ASK and answer.approval is not None:
            unknown = answer.approval
            # never inside the page's call, which waits for us
            QTimer.singleShot(0, lambda: self._ask(unknown))
        elif self.desk is not None and answer.text:
            state = self.desk.state(place).get(cell)
            if state is not None and state["phase"] not in ("loading", "running"):
                shown = complaint(state, self._labels(), answer.text, answer.kind == LACKING)
                self._main.web.eval(_call("show", {cell: shown}))

    def _lead_to_settings(self) -> None:
        # a script may press this button, too: only where it is the remedy, one at a time, and not at once again
        wanted = self.desk is not None and self.desk.wants_settings
        if wanted and QApplication.activeModalWidget() is None and time.monotonic() > self._left + PAUSE:
            self.open_settings()
            self._left = time.monotonic()

    def _ask(self, unknown: Unknown) -> None:
        desk = self.desk
        if desk is None or self._dialog is not None:
            return
        if not self._is_at(unknown.place):
            desk.decide(unknown, False)
            return
        labels = self._labels()
        question = approval.Question(
            title=labels["ask title"], reason=labels["ask reason"], where=unknown.where, size=labels["ask size"],
            code=unknown.code, run=labels["ask run"], cancel=labels["cancel"], never=labels["ask never"],
        )  # fmt: skip

        def answered(answer: approval.Answer) -> None:
            self._dialog = None
            if self.desk is not desk:
                return
            if self._is_at(unknown.place):
                self._answer(unknown.cell, unknown.place, desk.decide(unknown, answer.run, answer.never))
            else:
                desk.decide(unknown, False)

        dialog = approval.Approval(self._main, question, answered)
        self._dialog = dialog
        dialog.open()

    def _withdraw(self) -> None:
        """Close the question of a card that is on show no more, or of a moment that is over."""
        if self._dialog is not None:
            self._dialog.close()

    def _is_at(self, place: Place) -> bool:
        """Whether what was asked for at this place may still begin: the same note, the same code, and a time for it."""
        return self._note == place.note and self._is_reviewing(self._main.reviewer) and self._place() == place

    def _is_haste(self, kind: str) -> bool:
        """Whether a request comes too soon, or to run while a question is open; then not even the note is read."""
        now = time.monotonic()
        if (kind == "run" and self._dialog is not None) or now < self._heard.get(kind, float("-inf")) + HASTE[kind]:
            return True
        self._heard[kind] = now
        return False

    def _is_reviewing(self, context: object) -> bool:
        """Whether a message is the reviewer's, and nothing else goes on: while a sync or another operation holds the
        collection, a look into it would make the window wait.
        """
        main = self._main
        reviewing = isinstance(context, Reviewer) and context is main.reviewer and main.state == "review"
        return reviewing and not self.syncing and not main.progress.busy() and bool(main.col and main.col.db)

    def _place(self) -> Place:
        card = self._main.reviewer.card
        if card is None:
            return Place(reviewing=False)
        try:
            cells = _cells(card)
        except AnkiException:  # the note was deleted in another window; the card stays on show until this one is used
            return Place(reviewing=False)
        return Place(reviewing=True, note=str(card.nid), deck=str(card.current_deck_id()), cells=cells)


def _cells(card: Card) -> str:
    """The card's `Cells` field as it is stored now; empty for a card that is not ours."""
    note = card.note()
    note.load()
    return note["Cells"] if "Cells" in note.keys() else ""  # noqa: SIM118  (a note is no dict)


def _call(name: str, *values: Any) -> str:
    return "window.proofdeck && proofdeck.%s(%s)" % (name, ", ".join(json.dumps(value) for value in values))
