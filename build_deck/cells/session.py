"""One job as seen from outside: its events, its limits, its outcomes. Believes only the nonce.

The nonce keeps what a cell prints or writes from passing for the engine's word. It is no secret from code that looks
for it: a cell runs in the process that ends it, and one that walks its stack can call what is found there. Such a cell
would have to forge the death of each of its mutants as well, and review sees it: it is on the card.

A cell's time is up when it has lasted, and the cell with all it started has computed, for as long as its limit: on a
machine with too much to do a cell that is not given the processor is not at fault, until WALL times its limit. One
that sleeps or waits past its limit is ended as soon as nothing of it has wanted the processor for IDLE. Where the
system does not tell what a process tree does, the limit is wall time.

How the job's process is started, read and killed is left to `forked` and `spawned`.
"""

import codecs
import contextlib
import json
import time
from abc import ABC, abstractmethod
from dataclasses import asdict, replace
from typing import Any, Dict, Iterator, List, Optional, Tuple

from . import text
from .protocol import Drawing, Event, Job, Outcome, outcome_from

START_LIMIT = 60.0
"""Seconds for a child to say that it begins, and for a killed one to be gone."""
WALL = 4.0
"""How many times its limit a cell may last that wants the processor and does not get it."""
IDLE = 1.0
"""Seconds past its limit for which a cell may want no processor."""
LOOK = 0.1
"""Seconds between two looks at what a cell has computed, at least."""
CHUNK = 1 << 16
FAULTS = ("meddled", "lost")
"""Reasons for ending a job that are no status of their own."""
CUT = "\n… 输出在这里截断（超过上限）\n"


class UnfitError(RuntimeError):
    """The process of a job could not be confined as it must be, and has run nothing."""


class Session(ABC):
    """Runs `job` once."""

    NEWBORN = False
    """Whether the process has computed nothing yet when the first cell begins, so that nobody need be asked."""

    def __init__(self, job: Job, nonce: str) -> None:
        self._job = job
        self._nonce = nonce
        self._decoders = {stream: codecs.getincrementaldecoder("utf-8")("replace") for stream in ("stdout", "stderr")}
        self._waiting = [snippet.id for snippet in job.snippets]
        self._printed = {"stdout": "", "stderr": ""}
        self._room = job.limits.output
        """Bytes of UTF-8 that the cell may still print."""
        self._drawings: List[Drawing] = []
        self._current = ""
        self._verdict = ""
        """Why we killed the job; empty as long as we did not."""
        self._deadline = time.monotonic() + START_LIMIT
        """When to look again whether time is up; it is as soon as `_last` is reached."""
        self._last = self._deadline
        self._lasted = False
        """Whether a timeout is one of wall time."""
        self._began, self._limit = time.monotonic(), START_LIMIT
        self._busy = self._began
        """When somebody of the process tree was last seen to compute or to want to."""
        self._before: Optional[float] = None
        """What the process tree had computed when the cell began; None until that is told."""
        self._ended = False
        self._signal = 0
        self._begun = False
        """Whether a cell has begun: the process is its from then on, and only what has the nonce is believed."""
        self._unfit = False
        """Whether the process ended as one does that could not be confined."""

    @abstractmethod
    def finish(self) -> bool:
        """Kill what still runs and free what was opened; False when the process that served is not fit for more."""

    @abstractmethod
    def _pump(self, seconds: float) -> Iterator[Event]:
        """Wait at most so long for something to happen and take it in; sets `_ended` when the process is gone."""

    @abstractmethod
    def _drain(self) -> Iterator[Event]:
        """Everything that was printed up to now."""

    @abstractmethod
    def _acknowledge(self) -> None:
        """Let the process go on after an end marker."""

    @abstractmethod
    def _ask(self) -> None:
        """Have somebody call `_told` soon with what the process tree has computed."""

    @abstractmethod
    def _stop(self) -> None:
        """Kill the process and its descendants; `_pump` will see it end."""

    @abstractmethod
    def _lose(self) -> None:
        """Give the process up, which does not answer: sets `_ended`; `finish` gets rid of it."""

    def events(self) -> Iterator[Event]:
        """Everything that happens, until every cell has its outcome. Raises UnfitError when none could begin."""
        while not self._ended:
            yield from self._pump(max(0.0, self._deadline - time.monotonic()))
            if time.monotonic() >= self._deadline and not self._ended:
                self._look()
        yield from self._drain()
        if self._unfit and not self._verdict and not self._begun:
            raise UnfitError(self._printed["stderr"].strip())
        for at, cell in enumerate(list(self._waiting)):
            yield self._end(Outcome(cell=cell, status="skipped") if at else self._broken(cell))

    def cancel(self) -> None:
        """End the job, from whatever thread: the running cell is `stopped`, those after it are skipped."""
        self._kill("stopped")

    def _look(self) -> None:
        now = time.monotonic()
        if now >= self._last:
            if self._verdict:  # killed long ago, and still nobody has said that it is gone
                self._lose()
                return
            self._lasted = True
            self._kill("timeout")
            self._deadline = self._last = now + START_LIMIT
            return
        self._deadline = min(self._last, now + LOOK)
        with contextlib.suppress(OSError):
            self._ask()

    def _told(self, use: Optional[Tuple[float, bool]]) -> None:
        """CPU seconds of the whole job up to now, and whether it wants more; None where the system does not tell."""
        if not self._current or self._verdict:
            return
        if use is None:
            self._deadline = self._last = self._began + self._limit
        elif self._before is None:
            self._before = use[0]
        elif time.monotonic() >= self._began + self._limit:
            self._overdue(self._limit - (use[0] - self._before), busy=use[1])

    def _overdue(self, left: float, *, busy: bool) -> None:
        now = time.monotonic()
        self._busy = now if busy else max(self._busy, self._began + self._limit)
        self._lasted = left > 0
        if left <= 0 or now - self._busy >= IDLE:
            self._kill("timeout")
        else:
            self._deadline = min(self._last, now + LOOK)

    def _order(self) -> bytes:
        return json.dumps({"nonce": self._nonce, "job": asdict(self._job)}).encode() + b"\n"

    def _print(self, stream: str, data: bytes) -> Iterator[Event]:
        said = self._decoders[stream].decode(data)
        if self._verdict or not said:
            return
        size = len(said.encode())
        if size > self._room:
            said = said.encode()[: self._room].decode(errors="ignore") + CUT
            self._kill("output")
        self._room -= size
        self._printed[stream] += said
        yield Event("output", self._current, stream=stream, text=text.ESCAPES.sub("", said))

    def _take(self, line: bytes) -> Iterator[Event]:
        """One line from the private channel; one that is not the engine's own is dropped."""
        message = _genuine(line, self._nonce)
        kind, cell = message.get("kind"), message.get("cell")
        if self._verdict or not self._waiting or cell != self._waiting[0]:
            return
        if kind == "start" and not self._current:
            self._begin(cell)
            yield Event("start", cell)
        elif kind == "figure" and self._current:
            yield from self._figure(message)
        elif kind == "end" and self._current:
            yield from self._drain()
            yield from self._conclude(message)

    def _figure(self, message: Dict[str, Any]) -> Iterator[Event]:
        limits = self._job.limits
        try:
            drawing = Drawing(**message["drawing"])
            sound = len(self._drawings) < limits.figures and len(drawing.svg) <= limits.figure
        except (KeyError, TypeError):
            sound = False
        if not sound:
            self._kill("meddled")
            return
        self._drawings.append(drawing)
        yield Event("figure", self._current, drawing=drawing)

    def _conclude(self, message: Dict[str, Any]) -> Iterator[Event]:
        if self._verdict:  # what was still to be read went over a limit
            return
        try:
            outcome = outcome_from(dict(message["outcome"]))
        except (KeyError, TypeError, ValueError):
            self._kill("meddled")
            return
        if outcome.cell == self._current:
            yield self._end(outcome)
            with contextlib.suppress(OSError):
                self._acknowledge()

    def _begin(self, cell: str) -> None:
        newborn = self.NEWBORN and cell == self._job.snippets[0].id
        self._current, self._begun = cell, True
        self._began = time.monotonic()
        self._limit = next(snippet.timeout for snippet in self._job.snippets if snippet.id == cell)
        self._busy = self._began
        self._deadline, self._last = self._began + self._limit, self._began + WALL * self._limit
        self._before = 0.0 if newborn else None
        if not newborn:
            with contextlib.suppress(OSError):
                self._ask()

    def _end(self, outcome: Outcome) -> Event:
        if self._waiting and self._waiting[0] == outcome.cell:
            self._waiting.pop(0)
        full = replace(
            outcome,
            stdout=text.clean(self._printed["stdout"]),
            stderr=text.clean(self._printed["stderr"]),
            drawings=tuple(self._drawings),
        )
        self._printed = {"stdout": "", "stderr": ""}
        self._room = self._job.limits.output
        self._drawings = []
        self._current = ""
        self._deadline = self._last = time.monotonic() + START_LIMIT
        return Event("end", full.cell, outcome=full)

    def _kill(self, verdict: str) -> None:
        if not self._verdict:
            self._verdict = verdict
            self._deadline = self._last = time.monotonic() + START_LIMIT
            with contextlib.suppress(OSError):
                self._stop()

    def _broken(self, cell: str) -> Outcome:
        """The cell that was running when the process ended without its end marker."""
        begun = self._current or self._waiting == [snippet.id for snippet in self._job.snippets]
        if not begun and self._verdict not in FAULTS:
            return Outcome(cell=cell, status="skipped")
        if self._verdict:
            status = "failed" if self._verdict in FAULTS else self._verdict
            return Outcome(cell=cell, status=status, error=self._reason())
        if self._signal == 9:
            return Outcome(cell=cell, status="memory", error="the process was killed, most likely for its memory")
        how = "by signal %d" % self._signal if self._signal else "before its last line ran"
        return Outcome(cell=cell, status="failed", error="the process ended %s" % how, exception="SystemExit")

    def _reason(self) -> str:
        how = "waited for too long" if self._lasted else "computed for longer than its limit"
        return {
            "memory": "the cell and what it started held more memory than the limit; all were killed",
            "processes": "the cell has as many processes and threads as it may; all were killed",
            "meddled": "the cell wrote to the channel on which the engine tells how cells end",
            "lost": "the process that runs the cells is gone or does not answer",
            "timeout": "the cell %s; it and everything it started were killed" % how,
            "output": "the cell printed more than the limit; it was killed",
            "stopped": "the cell was stopped",
        }.get(self._verdict, self._verdict)


def _genuine(line: bytes, nonce: str) -> Dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) and message.get("nonce") == nonce else {}
