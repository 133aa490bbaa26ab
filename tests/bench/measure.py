"""The cost of one process and all its children: CPU seconds and peak memory, as the kernel counts them."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Cost:
    """CPU is user + system; wall time means little on a loaded machine and is kept for people only."""

    cpu: float
    wall: float
    peak: float
    """MiB, of the largest single process."""
    failure: str = ""


def measure(command: list[str], folder: Path, limit: float = 120) -> Cost:
    """Run `command` in `folder`; killed, and failed, after `limit` seconds of wall time."""
    began = time.monotonic()
    with (folder / "bench.log").open("wb") as log:
        # without compiled modules one would measure the compiler
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = kept | {"PYTHONWARNINGS": "ignore", "NO_COLOR": "1"}
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            wall = time.monotonic() - began
            if pid:
                break
            if wall > limit:
                os.killpg(process.pid, signal.SIGKILL)
                _, status, usage = os.wait4(process.pid, 0)
                break
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        cpu=usage.ru_utime + usage.ru_stime,
        wall=wall,
        peak=usage.ru_maxrss / 1024,
        failure=_failure(process, folder, wall, limit),
    )


def _failure(process: subprocess.Popen[bytes], folder: Path, wall: float, limit: float) -> str:
    if not process.returncode:
        return ""
    if wall > limit:
        return f"not done in {limit:g} s"
    lines = (folder / "bench.log").read_text("utf-8", "replace").strip().splitlines()
    return f"exit {process.returncode}: {lines[-1][:90] if lines else 'no output'}"


def median(sample: Callable[[], Cost], times: int) -> Cost:
    """The run with the median CPU time; the first failure ends it."""
    costs: list[Cost] = []
    for _ in range(times):
        costs.append(sample())
        if costs[-1].failure:
            return costs[-1]
    middle = statistics.median_low(cost.cpu for cost in costs)
    return next(cost for cost in costs if cost.cpu == middle)
