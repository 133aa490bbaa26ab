"""Hand errands to a Dask cluster; the only module that knows distributed, which is optional and not annotated."""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
from collections.abc import Iterator
from concurrent.futures import Executor

from build_deck.run.order import Ended, Errand
from build_deck.run.schedule import EnginePool


class ClusterError(RuntimeError):
    """No cluster: Dask is not installed, or nobody answers at the address."""


@contextlib.contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """An executor over the workers at `address`, such as `tcp://host:8786`; they see this checkout at the
    same path and have it on `sys.path` (start them in it: `python -m dask worker …`).

    Raises ClusterError.
    """
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as fault:
        raise ClusterError("--cluster needs Dask: pip install distributed") from fault
    try:
        client = distributed.Client(address, timeout="5s", set_as_default=False)
    except (OSError, ValueError) as fault:
        raise ClusterError(f"no Dask scheduler at {address}: {fault}") from fault
    with client:
        # an errand is executed once each time it is given, even if an equal one was given before
        yield client.get_executor(pure=False)


def perform_there(errand: Errand) -> Ended:
    """Do one errand in a worker's process, with engines that live as long as it does."""
    return _pool().perform(errand)


@functools.cache
def _pool() -> EnginePool:
    pool = EnginePool()
    atexit.register(pool.close)
    return pool
