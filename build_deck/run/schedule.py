"""Spread orders over workers. Local workers are threads that each wait on an engine of their own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from types import TracebackType

from build_deck.cells.protocol import Interpreter
from build_deck.cells.runner import Engine
from build_deck.run.order import Order, Report, perform


class EnginePool:
    """Preloaded engines, lent to one worker at a time and kept for the next."""

    def __init__(self) -> None:
        self._idle: dict[Interpreter, list[Engine]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> EnginePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def lend(self, interpreter: Interpreter) -> Iterator[Engine]:
        """An engine for `interpreter`; a broken one is closed instead of kept."""
        with self._lock:
            idle = self._idle.setdefault(interpreter, [])
            engine = idle.pop() if idle else Engine(interpreter)
        try:
            yield engine
        except BaseException:
            engine.close()
            raise
        with self._lock:
            self._idle[interpreter].append(engine)

    def close(self) -> None:
        """End every idle engine."""
        with self._lock:
            engines = [engine for idle in self._idle.values() for engine in idle]
            self._idle.clear()
        for engine in engines:
            engine.close()

    def perform(self, work: Order) -> Report:
        """Do one order with a lent engine."""
        with self.lend(work.interpreter) as engine:
            return perform(work, engine)


def spread(orders: Sequence[Order], pool: EnginePool, workers: int) -> Iterator[tuple[int, Report]]:
    """Reports with the place of their order, as they come in. Raises EngineError."""
    if workers <= 1:
        yield from ((at, pool.perform(work)) for at, work in enumerate(orders))
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="cells") as executor:
        yield from gather(executor, pool.perform, orders)


def gather(
    executor: Executor, work: Callable[[Order], Report], orders: Sequence[Order]
) -> Iterator[tuple[int, Report]]:
    """The same with any executor; `work` must be picklable where its workers are other processes."""
    futures: dict[Future[Report], int] = {executor.submit(work, each): at for at, each in enumerate(orders)}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()
