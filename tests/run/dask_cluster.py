"""A real Dask scheduler and its workers on the loopback, in processes of their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Cluster:
    """Where the scheduler answers, and the processes."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]


@contextlib.contextmanager
def started(project: Path, workers: int, *options: str) -> Iterator[Cluster]:
    """Both started in the checkout, as the documentation says; gone at the end."""
    port = str(20000 + (os.getpid() * 7 + time.monotonic_ns() // 1000) % 20000)
    address = f"tcp://127.0.0.1:{port}"

    def dask(*command: str) -> subprocess.Popen[bytes]:
        command = (sys.executable, "-m", "dask", *command, "--no-dashboard")
        return subprocess.Popen(command, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    scheduler = dask("scheduler", "--host", "127.0.0.1", "--port", port)
    made = tuple(dask("worker", address, "--nthreads", "1", *(options or ("--no-nanny",))) for _ in range(workers))
    try:
        yield Cluster(address, scheduler, made)
    finally:
        for each in (*made, scheduler):
            each.terminate()
        for each in (*made, scheduler):
            try:
                each.wait(10)
            except subprocess.TimeoutExpired:  # a worker that waits for a scheduler which is gone
                each.kill()
                each.wait()


def client_of(executor: Executor) -> Any:
    return executor._client  # type: ignore[attr-defined]


def until(happens: Callable[[], object]) -> None:
    """Wait for something that comes; the test's own time limit ends it otherwise."""
    while not happens():
        time.sleep(0.1)
