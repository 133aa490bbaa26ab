"""Where a press of ▶ is decided: the note's cells, trust, the interpreter, the one run. All of the add-on but its face.

Knows nothing of Qt or Anki: who calls says what Anki knows (`Place`) and shows what comes back (`Answer`, `updates`).
Every method is called on the window's thread and returns at once; running happens on a thread of its own.
"""

import hashlib
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Union

from .exchange import ASK, LACKING, REFUSED, STARTED, Answer, Approval, Place
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
REMEMBERED = 8
"""Fields that were read and need not be read again."""


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
        self._read: "OrderedDict[str, Union[Card, NoteError]]" = OrderedDict()
        self._asked: Optional[Approval] = None
        self._started = self._answered = float("-inf")

    def press(self, cell: str, place: Place) -> Answer:
        """▶ on the cell with this id. Everything but the id is taken from `place`."""
        try:
            asked = self._asked_for(cell, place)
        except _Refusal as refusal:
            return refusal.answer
        why = self._runner.bare(asked, self._settings(), self._words())
        unknown = tuple(each for each in asked.parts if not self.trust.knows(each.digest, bare=bool(why)))
        if not unknown:
            return self._start(place, asked, bare=bool(why))
        if self.trust.is_muted(place.deck):
            return Answer(REFUSED, self._words().say("muted"))
        where = self._words().say("ask bare" if why else "ask boxed", why=why)
        self._asked = Approval(place, cell, unknown, asked, bool(why), where)
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
            asked = plan(self._decode(place), cell)
        except NoteError as error:
            raise _Refusal(words.say("newer" if isinstance(error, NewerError) else "unreadable")) from error
        if asked is None:
            raise _Refusal(words.say("no cell"))
        if not self._settings().python:
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
        self.trust.approve((each.digest for each in approval.unknown), bare=approval.bare)
        return self._start(approval.place, approval.plan, bare=approval.bare)

    def stop(self) -> None:
        """End the run, if there is one; its last update follows."""
        self._runner.stop()

    def updates(self) -> List[Dict[str, Any]]:
        """What to tell the page since the last call, small enough to be shown at once. Call it every 30 ms or so
        while `running`. Each has "note" and "cell", and one of

        - "output": `[[stream, text]…]`, to append as text nodes (`stdout`, `stderr`)
        - "state": the cell's whole state anew, as in `state`
        - "figure": `[number, text, last]`, the next piece of a figure's SVG in sentinel colours (`cells.ink`)
        """
        told = self._results.take()
        return [{**each, "state": self._current(each["state"])} if "state" in each else each for each in told]

    def state(self, place: Place) -> Dict[str, Any]:
        """Everything to show under the cells of this note, by cell id, for a page that was drawn again; figures follow
        as updates:

        - `phase`: idle, loading (torch is), running, done; `since`: seconds that it has lasted
        - `runnable`: whether ▶ makes sense; `hint`: why not, in words
        - `output`: `[[stream, text]…]`; `error`: the traceback
        - `figures`: their captions
        - `verdict`, when done: same, different, unrecorded, lacking, failed, or how the engine ended it; `words`: the
          same for people; `diff`: rows `[sign, text]`, `-` recorded, `+` this run
        - `seconds`; `about`: versions, device, sandboxed or not, in words; `warning`: that the sandbox has failed
        - `remedy`: `settings` where they are one

        For a note of a newer deck the one id is EVERY.
        """
        words = self._words()
        try:
            card = self._decode(place)
        except NewerError:
            return {EVERY: _idle(words.say("newer"))}
        except NoteError:
            return {}
        known = self._results.states(place.note, _version(place))
        states = {cell.id: known.get(cell.id) or _untouched(card, cell, words) for cell in card.cells}
        return {cell: self._current(state) for cell, state in states.items()}

    def _current(self, state: Dict[str, Any]) -> Dict[str, Any]:
        """The state without a remedy that is none any more."""
        return state if self.wants_settings else {**state, "remedy": ""}

    @property
    def wants_settings(self) -> bool:
        """Whether no interpreter was chosen, or the last run found that the chosen one cannot be used."""
        python = self._settings().python
        return not python or python == self._runner.unfit

    def sandbox_fault(self, python: str) -> str:
        """Why the sandbox was seen not to start with this interpreter; empty when it was not."""
        return self._runner.faults.get(python, "")

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

    def _start(self, place: Place, asked: Plan, *, bare: bool) -> Answer:
        words = self._words()
        shipped = all(self.trust.ships(each.digest) for each in asked.parts)
        order = Order(place.note, _version(place), asked, self._settings(), words, may_be_bare=bare or shipped)
        if not self._runner.start(order):
            return Answer(REFUSED, words.say("busy"))
        self._started = self.clock()
        return Answer(STARTED)

    def _decode(self, place: Place) -> Card:
        """The card in the field, which is read once: a script may ask for it again and again. Raises NoteError."""
        version = _version(place)
        read = self._read.pop(version, None)
        if read is None:
            try:
                read = decode(place.cells)
            except NoteError as error:
                read = error
        self._read[version] = read
        while len(self._read) > REMEMBERED:
            self._read.popitem(last=False)
        if isinstance(read, NoteError):
            raise read.with_traceback(None)
        return read

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
