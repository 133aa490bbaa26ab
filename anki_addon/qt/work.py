"""Slow work beside the window: a generator runs on a thread of its own, what it yields arrives on the window's."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any, Callable, Iterable, List, Optional

from aqt.main import AnkiQt


class Work:
    """One piece of work. After `cancel` nothing arrives any more, and the generator is closed at its next item."""

    def __init__(self, main: AnkiQt, items: Callable[[], Iterable[Any]]) -> None:
        self._main = main
        self._items = items
        self._cancelled = threading.Event()

    def start(self, each: Callable[[Any], None], done: Callable[[Optional[BaseException]], None]) -> None:
        """Call `each` for every item and `done` at the end, with the exception that ended it if one did."""

        def deliver(call: Callable[[Any], None], value: Any) -> None:
            if not self._cancelled.is_set():
                call(value)

        def go() -> None:
            error: Optional[BaseException] = None
            try:
                for item in self._items():
                    if self._cancelled.is_set():
                        return
                    self._main.taskman.run_on_main(partial(deliver, each, item))
            except Exception as raised:  # it must reach the user, not vanish with the thread
                error = raised
            self._main.taskman.run_on_main(partial(deliver, done, error))

        threading.Thread(target=go, name="proofdeck-work", daemon=True).start()

    def cancel(self) -> None:
        """Hear no more of it."""
        self._cancelled.set()


class Works:
    """The pieces of work of one dialog, of which none is delivered to a dialog that has closed."""

    def __init__(self, main: AnkiQt) -> None:
        self._main = main
        self._works: List[Work] = []

    def start(
        self,
        items: Callable[[], Iterable[Any]],
        each: Callable[[Any], None],
        done: Callable[[Optional[BaseException]], None],
    ) -> Work:
        """Start one more."""
        work = Work(self._main, items)
        self._works.append(work)
        work.start(each, done)
        return work

    def cancel(self) -> None:
        """Hear no more of any of them."""
        for work in self._works:
            work.cancel()
