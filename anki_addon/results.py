"""What runs have shown, by note and cell: it outlives the flip of a card, and reaches the page in small pieces.

Written by the thread that runs, read by the window's; every method may be called from both. Holds what was said and
drawn as it came, and turns none of it into markup.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from .cells.text import CONTROL
from .jobs import Plan
from .verdicts import Ended, settled

PIECE = 8192
"""Characters of output that the page is given at once."""
STATE = 1 << 17
"""The same with a cell's whole state: more than the engine lets a cell print, unless it comes in very many parts."""
FIGURE_PIECE = 1 << 17
"""The same of a figure; the largest that the engine lets pass takes sixteen turns."""
MOST_PARTS = 100
MOST_NOTES = 20

NOT_YET = Ended("", "")

Output = List[List[str]]


@dataclass
class _Shown:
    """One cell on the page. `sent` is false when the page must draw it anew; `fresh` is what it has not got yet."""

    phase: str = "idle"
    output: Output = field(default_factory=list)
    fresh: Output = field(default_factory=list)
    ended: Ended = NOT_YET
    since: float = 0.0
    """When the phase began, by the monotonic clock."""
    sent: bool = True
    drawn: Tuple[int, int] = (0, 0)
    """How much of the figures the page has got: whole ones, and characters of the next."""

    def state(self) -> Dict[str, Any]:
        """As the page has it from now on. The figures' drawings are to follow, and output that is too much at once."""
        output, self.fresh = _split([list(part) for part in self.output], STATE)
        self.sent, self.drawn = True, (0, 0)
        ended = self.ended
        return {
            "phase": self.phase, "since": time.monotonic() - self.since, "runnable": True, "hint": "",
            "output": output, "figures": [ended.caption] * len(ended.figures),
            "verdict": ended.verdict, "words": ended.words, "about": ended.about, "warning": ended.warning,
            "error": ended.error, "diff": list(ended.diff), "seconds": ended.seconds, "remedy": ended.remedy,
        }  # fmt: skip

    def piece(self) -> Optional[List[Any]]:
        """The next piece of a figure: its number, the text, whether it is the last; None when all are there."""
        at, begin = self.drawn
        if at >= len(self.ended.figures):
            return None
        svg = self.ended.figures[at].svg
        end = begin + FIGURE_PIECE
        last = end >= len(svg)
        self.drawn = (at + 1, 0) if last else (at, end)
        return [at, svg[begin:end], last]

    def pending(self) -> bool:
        return bool(self.fresh) or not self.sent or self.drawn[0] < len(self.ended.figures)

    def turn(self, phase: str) -> None:
        self.phase, self.since, self.sent = phase, time.monotonic(), False


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
                cells[cell.id] = _Shown()
                cells[cell.id].turn("loading" if cell.id == asked.target else "idle")

    def start(self, note: str, cell: str) -> None:
        """The cell's first line is about to run."""
        with self._lock:
            self._find(note, cell).turn("running")

    def add(self, note: str, cell: str, stream: str, text: str) -> None:
        """The cell has printed something."""
        with self._lock:
            shown, clean = self._find(note, cell), CONTROL.sub("\ufffd", text)
            _append(shown.output, stream, clean)
            _append(shown.fresh, stream, clean)

    def end(self, note: str, cell: str, ended: Ended) -> None:
        """The cell has ended."""
        with self._lock:
            shown = self._find(note, cell)
            shown.turn("done")
            shown.output, shown.ended = settled(shown.output, ended.output), ended

    def take(self) -> List[Dict[str, Any]]:
        """What the page has not been told: at most PIECE characters of every cell's output, one piece of one figure."""
        with self._lock:
            updates: List[Dict[str, Any]] = []
            drawing: Optional[List[Any]] = None
            for note, (_, cells) in self._notes.items():
                for cell, shown in cells.items():
                    head = {"note": note, "cell": cell}
                    if not shown.sent:
                        updates.append({**head, "state": shown.state()})
                    elif shown.fresh:
                        piece, shown.fresh = _split(shown.fresh, PIECE)
                        updates.append({**head, "output": piece})
                    elif drawing is None:
                        drawing = shown.piece()
                        updates += [{**head, "figure": drawing}] if drawing is not None else []
            return updates

    def pending(self) -> bool:
        """Whether `take` would give anything."""
        with self._lock:
            return any(shown.pending() for _, cells in self._notes.values() for shown in cells.values())

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
