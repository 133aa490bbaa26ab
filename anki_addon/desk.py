"""Where a press of ▶ is decided: the note's cells, trust, the interpreter, the one run. All of the add-on but its face.

Knows nothing of Qt or Anki: who calls says what Anki knows (`Place`) and shows what comes back (`Answer`, `updates`).
Every method is called on the window's thread and returns at once; running happens on a thread of its own.
"""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from .jobs import Plan, plan, unsupported
from .note import Card, Cell, NewerError, NoteError, decode
from .results import Results
from .runs import Order, Runner
from .settings import Settings, language
from .strings import Words
from .trust import Trust

PAUSE = 1.0
"""Seconds between two runs, and after a dialog: a script can press ▶ a thousand times."""

EVERY = "*"
"""In place of a cell's id: every cell that the page finds."""

STARTED, ASK, REFUSED, LACKING = "started", "ask", "refused", "lacking"


@dataclass(frozen=True)
class Place:
    """Where a request came from, as Anki itself knows it; nothing of it was said by the page."""

    reviewing: bool
    """Whether the message came from the reviewer's page."""
    note: str = ""
    """The id of the note on show."""
    deck: str = ""
    """The id of the deck that its card is in."""
    cells: str = ""
    """The note's `Cells` field as stored."""


@dataclass(frozen=True)
class Approval:
    """Code that nobody has vouched for, to be shown before it runs. What is shown here is what runs."""

    place: Place
    cell: str
    """The cell whose ▶ was pressed."""
    unknown: Tuple[Cell, ...]
    """The cells to approve: those whose measurements are read, then those that run, in order."""
    plan: Plan
    """What runs if they are approved, the known cells among them too."""

    @property
    def code(self) -> str:
        """Plain text to show: every unknown cell under lines with its name and data, which may be all that is new."""
        return "\n\n".join("\n".join((*_heading(cell), cell.source)) for cell in self.unknown)


@dataclass(frozen=True)
class Answer:
    """What came of a request. `text` is for people, in their language, and plain."""

    kind: str
    """STARTED; ASK: show `approval` in a native dialog, after the bridge call, then `decide`; REFUSED; LACKING: the
    interpreter has not what the card needs, or there is none (offer the settings)."""
    text: str = ""
    approval: Optional[Approval] = None


class _Refusal(Exception):  # noqa: N818
    """Why nothing is done."""

    def __init__(self, text: str = "", kind: str = REFUSED) -> None:
        super().__init__(text)
        self.answer = Answer(kind, text)


class Desk:
    """One for a profile: make it when the profile is open, close it before it closes."""

    def __init__(self, package: Path, profile: str, settings: Callable[[], Settings], anki: str = "en") -> None:
        """`package`: the add-on's folder; `profile`: the profile's folder, of which only a hash is kept; `anki`: the
        code of Anki's language.
        """
        self.trust = Trust(package, profile)
        self._settings = settings
        self._anki = anki
        self._results = Results()
        self._runner = Runner(package, self._results)
        self.clock: Callable[[], float] = time.monotonic
        self._asked: Optional[Approval] = None
        self._started = self._answered = float("-inf")

    def press(self, cell: str, place: Place) -> Answer:
        """▶ on the cell with this id. Everything but the id is taken from `place`."""
        try:
            asked = self._asked_for(cell, place)
        except _Refusal as refusal:
            return refusal.answer
        unknown = tuple(each for each in asked.parts if not self.trust.knows(each.digest))
        if not unknown:
            return self._start(place, asked)
        if self.trust.is_muted(place.deck):
            return Answer(REFUSED, self._words().say("muted"))
        self._asked = Approval(place, cell, unknown, asked)
        return Answer(ASK, approval=self._asked)

    def _asked_for(self, cell: str, place: Place) -> Plan:
        words = self._words()
        if not place.reviewing or self._asked is not None:
            raise _Refusal()
        if self._runner.busy:
            raise _Refusal(words.say("busy"))
        if self.clock() < max(self._started, self._answered) + PAUSE:
            raise _Refusal(words.say("soon"))
        try:
            asked = plan(decode(place.cells), cell)
        except NoteError as error:
            raise _Refusal(words.say("newer" if isinstance(error, NewerError) else "unreadable")) from error
        if asked is None:
            raise _Refusal(words.say("no cell"))
        if not self.has_python:
            raise _Refusal(words.say("no python"), LACKING)
        return asked

    def decide(self, approval: Approval, approved: bool, never: bool = False) -> Answer:
        """What the learner said in the dialog; STARTED if approved. `never`: not again for this deck."""
        if approval is not self._asked:  # nobody was asked this, or it is settled
            return Answer(REFUSED)
        self._asked, self._answered = None, self.clock()
        if not approved:
            if never:
                self.trust.mute(approval.place.deck)
            return Answer(REFUSED, self._words().say("muted" if never else "declined"))
        self.trust.approve(each.digest for each in approval.unknown)
        return self._start(approval.place, approval.plan)

    def stop(self) -> None:
        """End the run, if there is one; its last update follows."""
        self._runner.stop()

    def updates(self) -> List[Dict[str, Any]]:
        """What to tell the page since the last call, small enough to be shown at once. Call it every 30 ms or so
        while `running`. Each is `{"note", "cell", "output": [[stream, text]…]}`, to append as text nodes (`stdout`,
        `stderr`), or `{"note", "cell", "state": {…}}`, the cell's whole state anew, as in `state`.
        """
        return self._results.take()

    def state(self, place: Place) -> Dict[str, Any]:
        """Everything to show under the cells of this note, by cell id, for a page that was drawn again:

        - `phase`: idle, loading (torch is), running, done
        - `runnable`: whether ▶ makes sense; `hint`: why not, in words
        - `output`: `[[stream, text]…]`; `error`: the traceback
        - `figures`: `[{"alt", "light", "dark"}…]`, the last two `data:image/svg+xml;base64,…`
        - `verdict`, when done: same, different, unrecorded, failed, stopped, timeout, output, memory, skipped;
          `words`: the same for people; `diff`: rows `[sign, text]`, `-` recorded, `+` this run
        - `seconds`; `about`: versions, device, sandboxed or not, in words

        For a note of a newer deck the one id is EVERY.
        """
        words = self._words()
        try:
            card = decode(place.cells)
        except NewerError:
            return {EVERY: _idle(words.say("newer"))}
        except NoteError:
            return {}
        known = self._results.states(place.note, _version(place))
        return {cell.id: known.get(cell.id) or _untouched(card, cell, words) for cell in card.cells}

    @property
    def has_python(self) -> bool:
        """Whether an interpreter was chosen, be it a good one or not."""
        return bool(self._settings().python)

    @property
    def running(self) -> bool:
        """Whether there is a run, or updates that nobody has taken."""
        return self._runner.busy or self._results.pending()

    def warm(self) -> None:
        """Start loading torch in the background, so that the first press need not wait; does nothing when it is loaded,
        no interpreter was chosen, or the settings say no.
        """
        settings = self._settings()
        if settings.warm:
            self._runner.warm(settings)

    def renew(self) -> None:
        """The settings have changed: let the engine go that belongs to the old ones."""
        self._runner.renew()

    def close(self) -> None:
        """End everything, at once."""
        self._asked = None
        self._runner.close()

    def _start(self, place: Place, asked: Plan) -> Answer:
        words = self._words()
        if not self._runner.start(Order(place.note, _version(place), asked, self._settings(), words)):
            return Answer(REFUSED, words.say("busy"))
        self._started = self.clock()
        return Answer(STARTED)

    def _words(self) -> Words:
        return Words(language(self._settings(), self._anki))


def _version(place: Place) -> str:
    """Changes with the note's code: what an older version has shown is not shown under a newer one."""
    return hashlib.sha256(place.cells.encode("utf-8", "surrogatepass")).hexdigest()


def _untouched(card: Card, cell: Cell, words: Words) -> Dict[str, Any]:
    asked = plan(card, cell.id)
    foreign = unsupported(asked) if asked is not None else ""
    return _idle(words.say("language", what=foreign) if foreign else "")


def _idle(hint: str = "") -> Dict[str, Any]:
    return {"phase": "idle", "runnable": not hint, "hint": hint, "output": [], "figures": []}


def _heading(cell: Cell) -> Iterator[str]:
    """The cell's name and what goes into its run besides the code, each on a line that no value can leave."""
    yield "# " + cell.id
    given = {"needs": cell.needs or None, "inputs": cell.inputs or None, "ready": cell.ready or None}
    if cell.language != "python":
        yield "# " + cell.language
    for name, value in {**given, "result": cell.result}.items():
        if value is not None:
            yield "# %s: %s" % (name, json.dumps(value, ensure_ascii=False))
