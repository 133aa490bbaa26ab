"""A run is ended from another thread: at once, with all it started, and the engine serves the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from cell_jobs import Cells, snippet

from build_deck.cells.protocol import Event, Interpreter, Job
from build_deck.cells.runner import Engine, EngineError

pytestmark = pytest.mark.cells

ENDLESS = "import os\nprint(os.getpid(), flush=True)\nif os.fork() == 0:\n    pass\nwhile True: pass"


@pytest.fixture(params=[False, True], ids=["forked", "spawned"])
def cells(interpreter: Callable[[bool], Interpreter], request: pytest.FixtureRequest) -> Iterator[Cells]:
    with Engine(replace(interpreter(False), modules=(), spawn=request.param)) as engine:
        yield Cells(engine)


def cancelled(engine: Engine, job: Job) -> list[Event]:
    """The events of a job that another thread cancels when it has printed something."""
    events = []
    for event in engine.run(job):
        events.append(event)
        if event.kind == "output" and sum(each.kind == "output" for each in events) == 1:
            threading.Thread(target=engine.cancel).start()
    return events


def test_a_cancelled_job_ends_as_stopped_and_what_follows_is_skipped(cells: Cells) -> None:
    job = Job("a-card", (snippet("endless", ENDLESS), snippet("after", "print('never')")))
    ended = [event.outcome for event in cancelled(cells.engine, job) if event.outcome]
    assert [each.status for each in ended] == ["stopped", "skipped"]
    assert ended[0].stdout.strip().isdigit()
    assert cells.one("print('again')").stdout == "again\n"


def test_cancelling_nothing_is_nothing(cells: Cells) -> None:
    cells.engine.cancel()
    assert cells.one("print(1)").stdout == "1\n"


def test_a_start_can_be_aborted(interpreter: Callable[[bool], Interpreter]) -> None:
    engine = Engine(interpreter(False))
    failed = threading.Event()

    def start() -> None:
        with pytest.raises(EngineError):
            assert engine.toolchain
        failed.set()

    thread = threading.Thread(target=start)
    thread.start()
    while not failed.wait(0.02):  # until there is a server to be killed
        engine.abort()
    thread.join()
    engine.close()
