"""The one run that there can be, on a thread of its own, and the preloaded interpreter that serves one after another.

Decides nothing about trust, and draws nothing: what happens goes to `Results`. The window's thread never waits here.
"""

import atexit
import contextlib
import queue
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Dict, Optional

from .cells import sandbox
from .cells.protocol import Event, Interpreter, Toolchain
from .cells.runner import Engine, EngineError
from .jobs import Plan, job
from .needs import lacking, unfit
from .protection import absent, bare
from .pythons import probe
from .results import Results
from .settings import Settings
from .strings import Words
from .verdicts import Ended, Ground, conclude, localized

IDLE = 600.0
"""Seconds after which an unused interpreter, some hundred MB of it, is let go."""
PARTING = 1.0
"""Seconds that Anki's own end may wait for the thread, so that it can put away its files; there is no window then."""


@dataclass(frozen=True)
class Order:
    """A run that was allowed."""

    note: str
    version: str
    plan: Plan
    settings: Settings
    words: Words
    may_be_bare: bool
    """Whether it may run without a sandbox where there should be one: else it was approved for the sandbox only."""


class Runner:
    """Carries out one order at a time."""

    def __init__(self, package: Path, results: Results) -> None:
        self._package = package
        self._results = results
        self._tasks: "queue.Queue[Optional[Callable[[], None]]]" = queue.Queue()
        self._lock = threading.Lock()
        self._thread: Optional[threading.Thread] = None
        self._current: Optional[Order] = None
        self._begun = self._stopping = self._closed = False
        self._engine: Optional[Engine] = None
        self._interpreter: Optional[Interpreter] = None
        """Of the engine."""
        self._warmed: Optional[Settings] = None
        """Those for which an engine was loaded, or tried to."""
        self.faults: Dict[str, str] = {}
        """Interpreters that start, but not in the sandbox, and why."""
        self.unfit = ""
        """The interpreter that the last order could not be carried out with; empty when it could."""

    @property
    def busy(self) -> bool:
        """Whether an order is being carried out."""
        return self._current is not None

    def bare(self, asked: Plan, settings: Settings, words: Words) -> str:
        """Why the plan would run without a sandbox, for people; empty when it would not."""
        return bare(settings, words, gpu=asked.on_gpu, fault=self.faults.get(settings.python, ""))

    def start(self, order: Order) -> bool:
        """Carry the order out; false when there is one already."""
        with self._lock:
            if self._current is not None or self._closed:
                return False
            self._current, self._begun, self._stopping = order, False, False
        self._results.begin(order.note, order.version, order.plan)
        self._give(lambda: self._carry_out(order))
        return True

    def stop(self) -> None:
        """End the order, if there is one; while torch is loading it ends at once and the loading goes on."""
        with self._lock:
            order, begun = self._current, self._begun
            if order is None:
                return
            self._stopping = True
            if not begun:
                self._current = None
        if not begun:
            self._end(order, Ended("stopped", order.words.say("stopped")))
        elif self._engine is not None:
            self._engine.cancel()

    def warm(self, settings: Settings) -> None:
        """Load the interpreter of the settings now, unless that was done or has failed."""
        if settings.python and self._warmed != settings and not self._closed:
            self._warmed = settings
            self._give(lambda: self._load(settings))

    def renew(self) -> None:
        """Let the loaded interpreter go."""
        self._warmed, self.unfit = None, ""
        self.faults.clear()
        if self._thread is not None:
            self._give(self._drop)

    def close(self) -> None:
        """End everything; the thread follows."""
        with self._lock:
            self._closed, self._current = True, None
        thread, engine = self._thread, self._engine
        if engine is not None:
            engine.abort()
        if thread is not None:
            self._tasks.put(None)
            atexit.register(thread.join, PARTING)

    def _give(self, task: Callable[[], None]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="proofdeck-runs", daemon=True)
            self._thread.start()
        self._tasks.put(task)

    def _work(self) -> None:
        while True:
            try:
                task = self._tasks.get(timeout=IDLE)
            except queue.Empty:
                self._warmed = None
                task = self._drop
            ends = task is None or self._closed
            # a task that fails has told who waits for it, or there is nobody; the next one needs this thread
            with contextlib.suppress(Exception):
                self._drop() if task is None or ends else task()
            if ends:
                return

    def _carry_out(self, order: Order) -> None:
        if self._current is not order:  # stopped before its turn
            return
        try:
            self._run(order)
        except Exception as error:
            self._fail(order, Ended("failed", order.words.say("no engine", why=_last_line(error))))
            if not isinstance(error, EngineError):  # a fault of ours: nobody knows what state the engine is in
                self._drop()
        finally:
            with self._lock:
                if self._current is order:
                    self._current = None
        if self._engine is not None and not self._closed:
            with contextlib.suppress(EngineError, OSError):
                self._engine.warm()

    def _run(self, order: Order) -> None:
        missing = self._missing(order)
        if missing:
            remedy = "settings" if self.unfit else ""
            self._fail(order, Ended("lacking", missing, remedy=remedy))
            return
        engine = self._engine_for(order.settings, gpu=order.plan.on_gpu)
        fault = self.faults.get(order.settings.python, "")
        if not (order.may_be_bare or (self._interpreter and self._interpreter.sandboxed)):
            self._fail(order, Ended("lacking", order.words.say("approved boxed", why=fault)))
            return
        ground = self._ground(engine.toolchain, order, fault)
        with self._lock:
            if self._current is not order:
                return
            self._begun = True
        for event in engine.run(job(order.plan, order.settings.time_limit, self._package / "inputs")):
            if self._stopping:  # it may have been said before there was anything to stop
                engine.cancel()
            self._pass_on(order, event, ground)

    def _missing(self, order: Order) -> str:
        """What is missing for the order, in words."""
        settings, words = order.settings, order.words
        python = probe(settings.python, self._package / "user_files")
        missing = unfit(python, settings, words)
        self.unfit = settings.python if missing else ""
        if python is not None and not missing:
            missing = lacking(order.plan, python, settings, words)
        if not missing and settings.sandbox == "always" and sandbox.missing():
            missing = words.say("no sandbox", why=absent(words))
        # read before anything starts: a deck that is newer may ask for files that did not come with the add-on
        if not missing and not all((self._package / "inputs" / name).is_file() for name in order.plan.inputs):
            missing = words.say("newer")
        return missing

    def _ground(self, found: Toolchain, order: Order, fault: str) -> Ground:
        """What the order runs on; a sandbox that has failed is a warning, one that was not to be is not."""
        boxed = self._interpreter is not None and self._interpreter.sandboxed
        warning = "" if boxed or order.plan.on_gpu or not fault else order.words.say("fell back", why=fault)
        where = "" if warning else order.words.say("sandboxed" if boxed else "plain")
        parts = ("Python %s" % found.python, found.torch and "torch %s" % found.torch, found.device, where)
        return Ground(" · ".join(filter(None, parts)), warning)

    def _pass_on(self, order: Order, event: Event, ground: Ground) -> None:
        if event.kind == "start":
            self._results.start(order.note, event.cell)
        elif event.kind == "output":
            self._results.add(order.note, event.cell, event.stream, localized(event.text, order.words))
        elif event.outcome is not None:
            cell = next(cell for cell in order.plan.cells if cell.id == event.cell)
            ended = conclude(cell, event.outcome, order.words, ground, stub=order.plan.is_stub)
            self._results.end(order.note, event.cell, ended)

    def _fail(self, order: Order, ended: Ended) -> None:
        if self._current is order:  # who has stopped it was told so
            self._end(order, ended)

    def _end(self, order: Order, ended: Ended) -> None:
        self._results.end(order.note, order.plan.target, ended)

    def _load(self, settings: Settings) -> None:
        python = probe(settings.python, self._package / "user_files")
        if python is not None and not python.problem:
            self._engine_for(settings)  # whether it works is told to who presses ▶

    def _engine_for(self, settings: Settings, *, gpu: bool = False) -> Engine:
        """A loaded engine, in the sandbox where that is wanted and possible. Raises EngineError."""
        wanted = self._asked(settings.python, gpu)
        if bare(settings, Words("en"), gpu=gpu, fault=self.faults.get(settings.python, "")):
            return self._start(wanted)
        try:
            return self._start(replace(wanted, sandboxed=True))
        except EngineError as error:
            if settings.sandbox == "always" or self._closed:
                raise
            engine = self._start(wanted)
            self.faults[settings.python] = _last_line(error)  # it starts without, so the sandbox is at fault
            return engine

    def _asked(self, python: str, gpu: bool) -> Interpreter:
        style = self._package / "style"
        font = str(style / "NotoSansCJKsc-subset.otf")
        return Interpreter(python, style=str(style / "figure.mplstyle"), font=font, spawn=gpu, gpu=gpu)

    def _start(self, interpreter: Interpreter) -> Engine:
        if self._engine is None or self._interpreter != interpreter:
            self._drop()
            self._engine, self._interpreter = Engine(interpreter), interpreter
        assert self._engine.toolchain
        return self._engine

    def _drop(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()


def _last_line(error: Exception) -> str:
    return str(error).strip().rpartition("\n")[2] or type(error).__name__
