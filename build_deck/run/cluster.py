"""Hand errands to a Dask cluster; the only module that knows distributed, which is optional and not annotated."""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from typing import Any

from build_deck.run.order import Ended, Errand
from build_deck.run.schedule import EnginePool

CONNECT, WORKERS = 5.0, 10.0
"""Seconds to wait for the scheduler, and for a worker: at the start, and when the last one is gone."""
LOOK = 1.0


class ClusterError(RuntimeError):
    """No cluster: Dask is not installed, nobody answers at the address, no worker comes, or all is lost on the way."""


@contextlib.contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """An executor over the workers at `address`, such as `tcp://host:8786`; they see this checkout at the
    same path and have it on `sys.path` (start them in it: `python -m dask worker …`).

    Raises ClusterError, also for what is lost while the executor is used.
    """
    distributed = _distributed()
    with _connected(distributed, address) as client:
        # an errand is executed once each time it is given, even if an equal one was given before
        executor = client.get_executor(pure=False)
        try:
            with _attended(client, executor):
                yield executor
        except CancelledError as fault:
            hint = f"workers are started in this checkout: python -m dask worker {address}"
            raise ClusterError(f"the scheduler at {address}, or its last worker, was lost ({hint})") from fault
        except (distributed.KilledWorker, distributed.comm.CommClosedError) as fault:
            raise ClusterError(f"an errand was lost at {address}: {fault}") from fault
        except RuntimeError as fault:
            if "deserialization" not in str(fault):
                raise
            raise ClusterError(f"{address} runs in another checkout or another Python than this") from fault


def perform_there(errand: Errand) -> Ended:
    """Do one errand in a worker's process, with engines that live as long as it does."""
    return _pool().perform(errand)


def _distributed() -> Any:
    try:
        found = importlib.import_module("distributed")
    except ImportError as fault:
        raise ClusterError("--cluster needs Dask: pip install distributed") from fault
    for name in ("distributed", "distributed.client"):  # what is lost is said once, by us
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return found


def _connected(distributed: Any, address: str) -> Any:
    # a client that could not connect would try to part from the scheduler, and print that it failed
    quiet = type("Client", (distributed.Client,), {"__del__": lambda self: None})
    try:
        client = quiet(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise ClusterError(f"no Dask scheduler at {address}: {fault}") from fault
    try:
        client.wait_for_workers(1, timeout=WORKERS)
    except TimeoutError as fault:
        client.close()
        raise ClusterError(f"the scheduler at {address} has no worker: python -m dask worker {address}") from fault
    return client


@contextlib.contextmanager
def _attended(client: Any, executor: Any) -> Iterator[None]:
    """Cancel everything when no worker has been there for WORKERS: Dask itself would wait for ever."""
    ended = threading.Event()

    def attend() -> None:
        seen = time.monotonic()
        while not ended.wait(LOOK) and time.monotonic() - seen < WORKERS:
            try:
                seen = time.monotonic() if client.nthreads() else seen
            except Exception:  # a client that has lost its scheduler raises this and that, and has cancelled all
                return
        if not ended.is_set():
            executor.shutdown(wait=False)

    watcher = threading.Thread(target=attend, name="cluster", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join(LOOK)


@functools.cache
def _pool() -> EnginePool:
    pool = EnginePool()
    atexit.register(pool.close)
    return pool
