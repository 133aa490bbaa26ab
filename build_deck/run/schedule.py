"""Spread orders over workers. Local workers are threads that each wait on an engine of their own.

Every job is an errand by itself: the mutants of one long card keep all workers busy, and what is begun is finished
before the next card, so that little is lost when a run is interrupted.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any

from build_deck.cells.protocol import Interpreter, Toolchain
from build_deck.cells.runner import Engine, EngineError
from build_deck.run.order import Ended, Errand, Order, Report, perform

CELLS = -1
"""The errand of an order that is no mutant."""
LOOK, PATIENCE = 0.02, 20.0
"""Seconds between two looks at whether engines that are to end have ended, and how often to look."""
NOTHING = Ended(toolchain=Toolchain("", ""), outcomes=(), seconds=0.0)


class EnginePool:
    """Preloaded engines, lent to one worker at a time and kept for the next."""

    def __init__(self) -> None:
        self._idle: dict[Interpreter, list[Engine]] = {}
        self._lent: set[Engine] = set()
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> EnginePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def lend(self, interpreter: Interpreter) -> Iterator[Engine]:
        """An engine for `interpreter`; a broken one is closed instead of kept. Raises EngineError once it is closed."""
        engine = self._take(interpreter)
        kept = False
        try:
            yield engine
            kept = True
        finally:
            with self._lock:
                self._lent.discard(engine)
                kept = kept and not self._closed
                if kept:
                    self._idle[interpreter].append(engine)
            if not kept:
                engine.close()

    def abort(self) -> None:
        """End what is running, and wait until the workers have given their engines back."""
        deadline = time.monotonic() + PATIENCE
        while (lent := self._on_loan()) and time.monotonic() < deadline:
            for engine in lent:
                engine.abort()
            time.sleep(LOOK)

    def close(self) -> None:
        """End every engine and what runs in it."""
        with self._lock:
            self._closed = True
            engines = [engine for idle in self._idle.values() for engine in idle]
            self._idle.clear()
        for engine in engines:
            engine.close()
        self.abort()
        for engine in self._on_loan():
            engine.close()

    def _take(self, interpreter: Interpreter) -> Engine:
        with self._lock:
            if self._closed:
                raise EngineError("the engines have been closed")
            idle = self._idle.setdefault(interpreter, [])
            engine = idle.pop() if idle else Engine(interpreter)
            self._lent.add(engine)
            return engine

    def _on_loan(self) -> list[Engine]:
        with self._lock:
            return list(self._lent)

    def perform(self, errand: Errand) -> Ended:
        """Do one errand with a lent engine."""
        with self.lend(errand.interpreter) as engine:
            return perform(errand, engine)


class _Ledger:
    """What of every order is to be given out, under way, and done."""

    def __init__(self, orders: Sequence[Order]) -> None:
        self._orders = orders
        self._ended: list[dict[int, Ended]] = [{} for _ in orders]
        """By errand: CELLS, or the place of the mutant."""
        self._left = [0 for _ in orders]
        """Errands that are given out or to be given out."""
        self.open: deque[tuple[int, int]] = deque()
        for at, order in enumerate(orders):
            waiting = order.cells is not None and not order.known
            errands = [(at, CELLS)] if order.cells is not None else []
            errands += [] if waiting else self._mutants(at)
            self.open.extend(errands)
            self._left[at] = len(errands)

    def errand(self, at: int, which: int) -> Errand:
        order = self._orders[at]
        job = order.cells if which == CELLS else order.mutants[which][1]
        assert job is not None
        return Errand(interpreter=order.interpreter, job=job)

    def finish(self, at: int, which: int, ended: Ended) -> bool:
        """Take in what came of an errand; whether its order is done."""
        self._ended[at][which] = ended
        self._left[at] -= 1
        if which == CELLS and not ended.sound:
            self._left[at] -= sum(place == at for place, _ in self.open)
            self.open = deque(each for each in self.open if each[0] != at)
        elif which == CELLS and not self._orders[at].known:
            mutants = self._mutants(at)
            self.open.extendleft(reversed(mutants))
            self._left[at] += len(mutants)
        return self._left[at] == 0

    def report(self, at: int) -> Report:
        order, ended = self._orders[at], self._ended[at]
        cells = ended.get(CELLS)
        mutants = order.mutants if cells is None or cells.sound else ()
        return Report(
            toolchain=(cells or next(iter(ended.values()), NOTHING)).toolchain,
            cells=cells.outcomes if cells else (),
            mutants=tuple((name, ended[which].outcomes) for which, (name, _) in enumerate(mutants)),
            seconds=sum(each.seconds for each in ended.values()),
            computed=sum(outcome.seconds for each in ended.values() for outcome in each.outcomes),
        )

    def _mutants(self, at: int) -> list[tuple[int, int]]:
        return [(at, which) for which in range(len(self._orders[at].mutants))]


class _Here(Executor):
    """Does at once what is submitted: no thread between an interrupt and the engine."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def spread(orders: Sequence[Order], pool: EnginePool, workers: int) -> Iterator[tuple[int, Report]]:
    """Reports with the place of their order, as they come in. Raises EngineError."""
    with ThreadPoolExecutor(workers, thread_name_prefix="cells") if workers > 1 else _Here() as executor:
        try:
            yield from gather(executor, pool.perform, orders, workers)
        except BaseException:
            pool.abort()  # the executor waits for its threads, and a cell may take minutes
            raise


def gather(
    executor: Executor, work: Callable[[Errand], Ended], orders: Sequence[Order], at_once: int = sys.maxsize
) -> Iterator[tuple[int, Report]]:
    """The same with any executor, which is given `at_once` errands at a time, or all where it has a queue of its own.

    `work` must be picklable where its workers are other processes.
    """
    ledger = _Ledger(orders)
    under_way: dict[Future[Ended], tuple[int, int]] = {}
    yield from ((at, ledger.report(at)) for at, order in enumerate(orders) if not order.cells and not order.mutants)
    try:
        while ledger.open or under_way:
            while ledger.open and len(under_way) < at_once:
                errand = ledger.open.popleft()
                under_way[executor.submit(work, ledger.errand(*errand))] = errand
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                at, which = under_way.pop(future)
                if ledger.finish(at, which, future.result()):
                    yield at, ledger.report(at)
    finally:
        for future in under_way:
            future.cancel()
