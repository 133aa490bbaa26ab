"""`--cluster` as a command: what goes wrong with the cluster is one line, and our own mutants are tried there, too."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.build.commands import Command, descendants
from tests.build.conftest import Checkout
from tests.run.dask_cluster import started

pytestmark = [pytest.mark.cells, pytest.mark.timeout(240)]


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:1"])
def test_an_address_where_nobody_answers_is_one_line(checkout: Checkout, tmp_path: Path, address: str) -> None:
    with Command.started(checkout.root, "run", "--cluster", address, scratch=tmp_path / "scratch") as command:
        status, stdout, stderr = command.ended()
    assert (status, stdout) == (4, "")
    warning, line = stderr.splitlines()
    assert "C303" in warning
    assert line.startswith(f"cluster: no Dask scheduler at {address}: ")


def test_a_scheduler_that_dies_is_one_line(slow: Checkout, tmp_path: Path, project: Path) -> None:
    with (
        started(project, 1) as dask,
        Command.started(slow.root, "run", "--cluster", dask.address, scratch=tmp_path / "scratch") as command,
    ):
        (worker,) = dask.workers
        command.until(lambda: len(descendants(worker.pid)) >= 4)
        dask.scheduler.kill()
        status, _, stderr = command.ended()
        worker.kill()
    assert status == 4
    assert stderr.splitlines()[-1].startswith(f"cluster: the scheduler at {dask.address}, or its last worker, was lost")
    assert "Traceback" not in stderr


def test_cells_and_our_own_mutants_run_there(checkout: Checkout, tmp_path: Path, project: Path) -> None:
    with started(project, 1) as dask:
        options = ("--cluster", dask.address)
        with Command.started(checkout.root, "run", *options, scratch=tmp_path / "scratch") as command:
            status, stdout, _ = command.ended()
            assert (status, "2 cells run" in stdout) == (0, True)
        with Command.started(checkout.root, "verify", "--mutate", *options, scratch=tmp_path / "scratch") as command:
            here = set()
            while command.process.poll() is None:
                here |= descendants(command.process.pid)
                time.sleep(0.05)
            status, stdout, stderr = command.ended()
    assert (status, "our own mutants: " in stdout) == (0, True), stderr
    assert here == set(), "an engine was started on this side"
