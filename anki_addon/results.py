"""What runs have shown, by note and cell: it outlives the flip of a card, and reaches the page in small pieces.

Written by the thread that runs, read by the window's; every method may be called from both. Judges an ended cell by the
pipeline's own rule, and never turns anything that a cell said into markup: figures are pictures, the rest is text.
"""

import base64
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from .cells.ink import inked
from .cells.judge import Tolerance, judge
from .cells.protocol import Drawing, Outcome
from .cells.text import CONTROL
from .jobs import Plan
from .note import Cell
from .strings import Words

PIECE = 8192
"""Characters that the page is given at once."""
MOST_PARTS = 100
MOST_NOTES = 20
LONGEST_DIFF = 60
"""Rows."""

Output = List[List[str]]


@dataclass
class _Shown:
    """One cell on the page. `sent` is false when the page must draw it anew; `fresh` is what it has not got yet."""

    phase: str = "idle"
    output: Output = field(default_factory=list)
    fresh: Output = field(default_factory=list)
    figures: List[Dict[str, str]] = field(default_factory=list)
    verdict: str = ""
    words: str = ""
    about: str = ""
    error: str = ""
    diff: Output = field(default_factory=list)
    seconds: Optional[float] = None
    sent: bool = True

    def state(self) -> Dict[str, Any]:
        return {
            "phase": self.phase, "runnable": True, "hint": "", "output": [list(part) for part in self.output],
            "figures": list(self.figures), "verdict": self.verdict, "words": self.words, "about": self.about,
            "error": self.error, "diff": list(self.diff), "seconds": self.seconds,
        }  # fmt: skip


class Results:
    """The shown cells of the notes that were last looked at."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: "OrderedDict[str, Tuple[str, Dict[str, _Shown]]]" = OrderedDict()

    def begin(self, note: str, version: str, asked: Plan) -> None:
        """A run was asked for: its cells are as if they had never run. `version`: of the note's text."""
        with self._lock:
            cells = self._cells(note, version)
            for cell in asked.cells:
                cells[cell.id] = _Shown(phase="loading" if cell.id == asked.target else "idle", sent=False)

    def start(self, note: str, cell: str) -> None:
        """The cell's first line is about to run."""
        with self._lock:
            shown = self._find(note, cell)
            shown.phase, shown.sent = "running", False

    def add(self, note: str, cell: str, stream: str, text: str) -> None:
        """The cell has printed something."""
        with self._lock:
            shown, clean = self._find(note, cell), CONTROL.sub("\ufffd", text)
            _append(shown.output, stream, clean)
            _append(shown.fresh, stream, clean)

    def end(self, note: str, cell: str, ended: "Ended") -> None:
        """The cell has ended."""
        with self._lock:
            shown = self._find(note, cell)
            shown.phase, shown.sent = "done", False
            shown.fresh = []
            shown.verdict, shown.words, shown.about = ended.verdict, ended.words, ended.about
            shown.error, shown.diff, shown.figures = ended.error, list(ended.diff), list(ended.figures)
            shown.output = [list(part) for part in ended.output]
            shown.seconds = ended.seconds

    def take(self) -> List[Dict[str, Any]]:
        """What the page has not been told, at most PIECE characters of every cell's output."""
        with self._lock:
            updates: List[Dict[str, Any]] = []
            for note, (_, cells) in self._notes.items():
                for cell, shown in cells.items():
                    head = {"note": note, "cell": cell}
                    if not shown.sent:
                        shown.sent, shown.fresh = True, []
                        updates.append({**head, "state": shown.state()})
                    elif shown.fresh:
                        piece, shown.fresh = _split(shown.fresh, PIECE)
                        updates.append({**head, "output": piece})
            return updates

    def pending(self) -> bool:
        """Whether `take` would give anything."""
        with self._lock:
            cells = [shown for _, cells in self._notes.values() for shown in cells.values()]
            return any(shown.fresh or not shown.sent for shown in cells)

    def states(self, note: str, version: str) -> Dict[str, Dict[str, Any]]:
        """Everything about the note's cells that have run, as long as its text is the same."""
        with self._lock:
            return {cell: shown.state() for cell, shown in self._cells(note, version).items()}

    def _cells(self, note: str, version: str) -> Dict[str, _Shown]:
        known = self._notes.pop(note, None)
        cells = known[1] if known is not None and known[0] == version else {}
        self._notes[note] = (version, cells)
        while len(self._notes) > MOST_NOTES:
            self._notes.popitem(last=False)
        return cells

    def _find(self, note: str, cell: str) -> _Shown:
        # a note that was forgotten meanwhile is told nothing
        cells = self._notes[note][1] if note in self._notes else {}
        return cells.get(cell, _Shown())


@dataclass(frozen=True)
class Ended:
    """How a cell ended, ready to be shown."""

    verdict: str
    words: str
    about: str = ""
    output: Tuple[Tuple[str, str], ...] = ()
    figures: Tuple[Dict[str, str], ...] = ()
    error: str = ""
    diff: Tuple[List[str], ...] = ()
    seconds: Optional[float] = None


def conclude(cell: Cell, outcome: Outcome, words: Words, about: str, *, stub: bool = False) -> Ended:
    """The verdict on one cell, by its own tolerance; with `stub`, on a kata's stub, which must fail."""
    verdict, said, diff = _verdict(cell, outcome, words)
    if outcome.tests and not stub:
        passed = sum(not test.exception for test in outcome.tests)
        said = "%s · %s" % (said, words.say("tests", passed=passed, count=len(outcome.tests)))
    if stub and outcome.tests:
        verdict = "different" if outcome.status == "ok" else "same"
        said = words.say("stub passes" if outcome.status == "ok" else "as it must")
    streams = (("stdout", outcome.stdout), ("stderr", outcome.stderr))
    return Ended(
        verdict=verdict, words=said, about=about, output=tuple((name, text) for name, text in streams if text),
        figures=tuple(_figure(drawing, cell) for drawing in outcome.drawings), diff=diff,
        error=outcome.error if outcome.exception else "",
        seconds=None if outcome.status == "skipped" else outcome.seconds,
    )  # fmt: skip


def _verdict(cell: Cell, outcome: Outcome, words: Words) -> Tuple[str, str, Tuple[List[str], ...]]:
    if outcome.status == "failed":
        return "failed", words.say("failed", what=outcome.exception or outcome.status), ()
    if outcome.status != "ok":
        return outcome.status, words.say(outcome.status), ()
    if cell.stdout is None:
        return "unrecorded", words.say("unrecorded"), ()
    judged = judge(cell.stdout, outcome.stdout, Tolerance(cell.compare, cell.rtol, cell.atol))
    verdict = "same" if judged.same else "different"
    return verdict, words.say(verdict), tuple(_rows(judged.diff))


def _rows(diff: str) -> List[List[str]]:
    lines = diff.splitlines()[:LONGEST_DIFF]
    return [[line[:1], line[1:]] for line in lines if not line.startswith(("---", "+++", "@@"))]


def _figure(drawing: Drawing, cell: Cell) -> Dict[str, str]:
    pictures = {ink: "data:image/svg+xml;base64," + _base64(inked(drawing.svg, ink)) for ink in ("light", "dark")}
    return {"alt": cell.figure, **pictures}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def _append(output: Output, stream: str, text: str) -> None:
    if output and output[-1][0] == stream:
        output[-1][1] += text
    else:
        output.append([stream, text])


def _split(output: Output, room: int) -> Tuple[Output, Output]:
    """The first `room` characters, in not too many parts, and the rest."""
    first: Output = []
    for at, (stream, text) in enumerate(output):
        if at == MOST_PARTS:
            return first, output[at:]
        if len(text) > room:
            return [*first, [stream, text[:room]]], [[stream, text[room:]], *output[at + 1 :]]
        first.append([stream, text])
        room -= len(text)
    return first, []
