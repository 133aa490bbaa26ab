"""The same plan on one worker, on two, on a cluster, and in shards that are merged: the same records."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from small_deck import Deck, card, cell, corpus, mutant

from build_deck import run
from build_deck.model.card import Card

pytestmark = pytest.mark.cells

CARDS = tuple(
    card(f"card-{n}", cell("a", f"x = {n}\nprint(x / 3)\nassert x == {n}"), mutants=(mutant("a", "x = ", "x = 1 + "),))
    for n in range(5)
)


def frozen(root: Path) -> dict[str, bytes]:
    """Every frozen file, without the times in the records and what depends on them."""
    found = {}
    for path in sorted((root / "figures").rglob("*.*")):
        data = path.read_bytes()
        if path.name == "record.json":
            body = json.loads(data)
            body.pop("digest")
            for each in body["cells"].values():
                each["seconds"] = each["peak_mib"] = 0
            data = json.dumps(body, sort_keys=True).encode()
        found[path.relative_to(root).as_posix()] = data
    return found


def at(deck: Deck, root: Path) -> Deck:
    shutil.copytree(deck.ground.root / "requirements", root / "requirements")
    return Deck(run.Ground.at(root, deck.ground.envs), deck.pool)


def carry_out(deck: Deck, planned: run.Plan, options: run.Options) -> list[run.Finished]:
    return [each for each in run.execute(planned, deck.ground, options) if isinstance(each, run.Finished)]


def test_two_workers_freeze_what_one_does(light: Deck, tmp_path: Path) -> None:
    assert light.run(*CARDS).mutants == (5, 5)
    two = at(light, tmp_path / "two")
    ended = carry_out(two, run.plan(corpus(*CARDS), two.ground), run.Options(workers=2, pool=two.pool))
    assert [each.problems for each in ended] == [()] * 5
    assert frozen(tmp_path / "two") == frozen(light.ground.root)


def test_shards_share_out_every_card_and_merge_into_the_whole(light: Deck, tmp_path: Path) -> None:
    planned = run.plan(corpus(*CARDS), light.ground)
    shards = []
    for index in (1, 2):
        part = at(light, tmp_path / f"shard-{index}")
        mine = run.shard(planned, part.ground, index, 2)
        assert 2 <= len(mine.tasks) <= 3
        carry_out(part, mine, run.Options(pool=part.pool))
        shards.append(part.ground.root)
    assert run.merge(shards, light.ground) == ()
    assert run.plan(corpus(*CARDS), light.ground).stale == ()
    merged = frozen(light.ground.root)
    whole = at(light, tmp_path / "whole")
    whole.run(*CARDS)
    assert merged == frozen(whole.ground.root)
    assert run.merge(shards, light.ground) == ()


def test_merging_two_records_of_one_card_is_a_problem(light: Deck, tmp_path: Path) -> None:
    first, second = at(light, tmp_path / "first"), at(light, tmp_path / "second")
    first.run(CARDS[0])
    second.run(card("card-0", cell("a", "print(7)")))
    assert [each.code for each in run.merge((first.ground.root, second.ground.root), light.ground)] == ["R015"]
    assert not light.file("card-0").exists()


@pytest.mark.parametrize("index", [0, 3, -1])
def test_a_shard_that_does_not_exist_is_refused(light: Deck, index: int) -> None:
    with pytest.raises(ValueError, match="shard"):
        run.shard(run.plan(corpus(*CARDS), light.ground), light.ground, index, 2)


def test_the_report_is_plain_data(light: Deck) -> None:
    failing = card("bad", cell("a", "assert 1 == 2", 30))
    planned = run.plan(corpus(CARDS[1], failing), light.ground)
    ended = carry_out(light, planned, run.Options(pool=light.pool))
    told = json.loads(json.dumps(run.report(ended, planned.problems)))
    assert [(each["card"], each["cells"][0]["status"]) for each in told["processes"]] == [
        ("bad", "failed"),
        ("card-1", "ok"),
    ]
    assert told["mutants"] == {"killed": 1, "tried": 1}
    assert [(each["code"], each["line"]) for each in told["problems"]] == [("R001", 30)]


def survey(deck: Deck, *cards: Card) -> dict[str, run.Survey]:
    deck.run(*cards)
    found = run.survey(run.plan(corpus(*cards), deck.ground), deck.ground, pool=deck.pool)
    return {each.card: each for each in found if isinstance(each, run.Survey)}


def test_a_survey_names_what_no_assert_notices(light: Deck) -> None:
    weak = cell("a", "def mean(x):\n    return sum(x) / len(x)\nprint('均值', mean([2, 4]))\nassert mean([0, 0]) == 0")
    strong = replace(weak, source=weak.source + "\nassert mean([2, 4]) == 3")
    found = survey(light, card("weak", weak), card("strong", strong))
    assert [(each.kind, each.after, each.span.line) for each in found["weak"].survivors] == [
        ("factor", "return sum(x) * len(x)", 11)
    ]
    assert found["weak"].survivors[0].visible
    assert (found["strong"].survivors, found["strong"].killed) == ((), found["strong"].tried - found["strong"].crashed)


@pytest.fixture
def dask(project: Path) -> Iterator[str]:
    """A scheduler and two worker processes on loopback, in the checkout; yields the address."""
    port = str(20000 + os.getpid() % 20000)
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"]
    worker = ["worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for command in (scheduler, worker, worker)
    ]  # fmt: skip
    yield address
    for each in reversed(started):
        each.terminate()
    for each in started:
        try:
            each.wait(10)
        except subprocess.TimeoutExpired:  # a worker that waits for a scheduler which is gone
            each.kill()
            each.wait()


@pytest.mark.enable_socket
@pytest.mark.timeout(240)
def test_a_cluster_of_two_workers_freezes_what_one_machine_does(light: Deck, tmp_path: Path, dask: str) -> None:
    light.run(*CARDS)
    far = at(light, tmp_path / "far")
    with run.cluster(dask) as executor:
        while sum(executor._client.ncores().values()) < 2:  # type: ignore[attr-defined]
            time.sleep(0.2)
        ended = carry_out(far, run.plan(corpus(*CARDS), far.ground), run.Options(executor=executor))
    assert [each.problems for each in ended] == [()] * 5
    assert frozen(tmp_path / "far") == frozen(light.ground.root)


@pytest.mark.enable_socket
def test_an_address_where_nobody_answers_is_said() -> None:
    with pytest.raises(run.ClusterError, match="no Dask scheduler"), run.cluster("tcp://127.0.0.1:1"):
        pass
