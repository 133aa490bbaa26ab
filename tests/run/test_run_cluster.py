"""A Dask cluster as the executor: what it freezes, and that whatever goes wrong with it is one error, not a wait."""

from __future__ import annotations

import importlib
import os
import threading
from pathlib import Path

import pytest
from dask_cluster import Cluster, client_of, started, until
from small_deck import Deck, card, carry_out, cell, corpus, frozen, mutant

from build_deck import run

pytestmark = [pytest.mark.cells, pytest.mark.enable_socket, pytest.mark.timeout(240)]

clusters = importlib.import_module("build_deck.run.cluster")  # a function of the package has the module's name
CARDS = tuple(
    card(f"card-{n}", cell("a", f"x = {n}\nprint(x / 3)\nassert x == {n}"), mutants=(mutant("a", "x = ", "x = 1 + "),))
    for n in range(5)
)
LONG = card("long", cell("a", "import time\ntime.sleep(60)", timeout=100.0))


def test_two_workers_freeze_what_one_machine_does(light: Deck, tmp_path: Path, project: Path) -> None:
    light.run(*CARDS)
    far = light.at(tmp_path / "far")
    with started(project, 2) as dask, run.cluster(dask.address) as executor:
        until(lambda: len(client_of(executor).ncores()) == 2)
        ended = carry_out(far, run.plan(corpus(*CARDS), far.ground), run.Options(executor=executor))
    assert [each.problems for each in ended] == [()] * 5
    assert frozen(tmp_path / "far") == frozen(light.ground.root)


def test_our_own_mutants_are_tried_there_too(light: Deck, project: Path) -> None:
    weak = card("weak", cell("a", "y = [2 * 3 + 1, 4]\nassert y[1] == 4"))
    light.run(weak)
    planned = run.plan(corpus(weak), light.ground)
    with started(project, 1) as dask, run.cluster(dask.address) as executor:
        local = list(run.survey(planned, light.ground, run.Options(pool=light.pool)))
        far = list(run.survey(planned, light.ground, run.Options(executor=executor)))
        tried = client_of(executor).run(lambda dask_worker: dask_worker.state.executed_count)
    assert far == local
    assert sum(tried.values()) == next(each.tried for each in far if isinstance(each, run.Survey)) > 2


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "127.0.0.1", "tcp://127.0.0.1:x", "[::1"])
def test_an_address_where_nobody_answers_is_said(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "CONNECT", 1.0)
    with pytest.raises(run.ClusterError, match="no Dask scheduler"), run.cluster(address):
        pass


def test_a_scheduler_without_a_worker_is_not_waited_for(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "WORKERS", 1.0)
    with (
        started(project, 0) as dask,
        pytest.raises(run.ClusterError, match=f"has no worker: python -m dask worker {dask.address}"),
        run.cluster(dask.address),
    ):
        pass


@pytest.mark.parametrize("lost", ["scheduler", "workers"])
def test_what_is_lost_on_the_way_ends_the_run(
    light: Deck, project: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = run.plan(corpus(LONG), light.ground)
    with (
        started(project, 1) as dask,
        pytest.raises(run.ClusterError, match="lost"),
        run.cluster(dask.address) as executor,
    ):
        monkeypatch.setattr(clusters, "WORKERS", 2.0)
        threading.Thread(target=_end, args=(dask, lost, client_of(executor)), daemon=True).start()
        carry_out(light, planned, run.Options(executor=executor))
    assert not light.file("long").exists()


def test_an_errand_that_its_workers_die_of_ends_the_run(project: Path) -> None:
    with (
        started(project, 1, "--nanny") as dask,
        pytest.raises(run.ClusterError, match=f"an errand was lost at {dask.address}"),
        run.cluster(dask.address) as executor,
    ):
        executor.submit(os._exit, 1).result()


def _end(dask: Cluster, lost: str, client: object) -> None:
    until(lambda: any(client.processing().values()))  # type: ignore[attr-defined]
    for each in (dask.scheduler,) if lost == "scheduler" else dask.workers:
        each.kill()
