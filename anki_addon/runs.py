"""The one run that there can be, on a thread of its own, and the preloaded interpreter that serves one after another.

Decides nothing about trust, and draws nothing: what happens goes to `Results`. The window's thread never waits here.
"""

import contextlib
import queue
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Optional, Set

from .cells import sandbox
from .cells.protocol import Event, Interpreter, Toolchain
from .cells.runner import Engine, EngineError
from .jobs import Plan, job
from .needs import lacking
from .pythons import probe
from .results import Ended, Results, conclude
from .settings import Settings
from .strings import Words

IDLE = 600.0
"""Seconds after which an unused interpreter, some hundred MB of it, is let go."""
PARTING = 1.0
"""Seconds that closing may wait for the thread; it ends by itself in any case."""


@dataclass(frozen=True)
class Order:
    """A run that was allowed."""

    note: str
    version: str
    plan: Plan
    settings: Settings
    words: Words


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
        self._unboxed: Set[str] = set()
        """Interpreters that do not start in the sandbox."""

    @property
    def busy(self) -> bool:
        """Whether an order is being carried out."""
        return self._current is not None

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
        self._warmed = None
        self._unboxed.clear()
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
            thread.join(PARTING)

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
            if task is None or self._closed:
                self._drop()
                return
            task()

    def _carry_out(self, order: Order) -> None:
        if self._current is not order:  # stopped before its turn
            return
        try:
            self._run(order)
        except EngineError as error:
            self._fail(order, _no_engine(order, str(error).strip().rpartition("\n")[2]))
        except Exception as error:  # a fault of ours must not leave ▶ dead for the rest of the day
            self._fail(order, _no_engine(order, "%s: %s" % (type(error).__name__, error)))
            self._drop()
        finally:
            with self._lock:
                if self._current is order:
                    self._current = None
        if self._engine is not None and not self._closed:
            with contextlib.suppress(EngineError, OSError):
                self._engine.warm()

    def _run(self, order: Order) -> None:
        python = probe(order.settings.python, self._package / "user_files")
        missing = lacking(order.plan, python, order.settings, order.words)
        if not missing and order.settings.sandbox == "always" and sandbox.missing():
            missing = order.words.say("no sandbox", why=sandbox.missing())
        # read before anything starts: a deck that is newer may ask for files that did not come with the add-on
        if not all((self._package / "inputs" / name).is_file() for name in order.plan.inputs):
            missing = missing or order.words.say("newer")
        if missing:
            self._fail(order, Ended("lacking", missing))
            return
        engine = self._engine_for(order.settings, gpu=order.plan.on_gpu)
        about = _about(engine.toolchain, self._interpreter, order.words)
        with self._lock:
            if self._current is not order:
                return
            self._begun = True
        for event in engine.run(job(order.plan, order.settings.time_limit, self._package / "inputs")):
            if self._stopping:  # it may have been said before there was anything to stop
                engine.cancel()
            self._pass_on(order, event, about)

    def _pass_on(self, order: Order, event: Event, about: str) -> None:
        if event.kind == "start":
            self._results.start(order.note, event.cell)
        elif event.kind == "output":
            self._results.add(order.note, event.cell, event.stream, event.text)
        elif event.outcome is not None:
            cell = next(cell for cell in order.plan.cells if cell.id == event.cell)
            ended = conclude(cell, event.outcome, order.words, about, stub=order.plan.is_stub)
            self._results.end(order.note, event.cell, ended)

    def _fail(self, order: Order, ended: Ended) -> None:
        if self._current is order:  # who has stopped it was told so
            self._end(order, ended)

    def _end(self, order: Order, ended: Ended) -> None:
        self._results.end(order.note, order.plan.target, ended)

    def _load(self, settings: Settings) -> None:
        with contextlib.suppress(EngineError, OSError):  # who presses ▶ is told
            python = probe(settings.python, self._package / "user_files")
            if python is not None and not python.problem:
                self._engine_for(settings)

    def _engine_for(self, settings: Settings, *, gpu: bool = False) -> Engine:
        """A loaded engine, in the sandbox where that is wanted and possible. Raises EngineError."""
        boxed = settings.sandbox != "off" and not gpu and not sandbox.missing()
        wanted = self._asked(settings.python, gpu)
        if boxed and (settings.sandbox == "always" or settings.python not in self._unboxed):
            try:
                return self._start(replace(wanted, sandboxed=True))
            except EngineError:
                if settings.sandbox == "always" or self._closed:
                    raise
                engine = self._start(wanted)
                self._unboxed.add(settings.python)  # it starts without, so the sandbox is at fault
                return engine
        return self._start(wanted)

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


def _no_engine(order: Order, why: str) -> Ended:
    return Ended("failed", order.words.say("no engine", why=why))


def _about(found: Toolchain, interpreter: Optional[Interpreter], words: Words) -> str:
    boxed = words.say("sandboxed" if interpreter is not None and interpreter.sandboxed else "plain")
    versions = ["Python %s" % found.python, "torch %s" % found.torch if found.torch else ""]
    return " · ".join(filter(None, [*versions, found.device, boxed]))
