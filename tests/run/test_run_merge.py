"""Shards: the same deal on every machine, and together the whole; never more than what is this tree's."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from small_deck import Deck, card, carry_out, cell, corpus, frozen, mutant, several_environments

from build_deck import run
from build_deck.model.card import Card
from build_deck.model.corpus import Corpus

pytestmark = pytest.mark.cells

CARDS = tuple(
    card(f"card-{n}", cell("a", f"x = {n}\nprint(x / 3)\nassert x == {n}"), mutants=(mutant("a", "x = ", "x = 1 + "),))
    for n in range(5)
)
DECK = corpus(*CARDS)


def merged(deck: Deck, *roots: Path) -> run.Merged:
    return run.merge(roots, DECK, deck.ground)


def stale(deck: Deck, *cards: Card) -> list[str]:
    return [task.process.card for task in run.plan(corpus(*(cards or CARDS)), deck.ground).stale]


def test_shards_share_out_every_card_and_merge_into_the_whole(light: Deck, tmp_path: Path) -> None:
    planned = run.plan(DECK, light.ground)
    shards = []
    for index in (1, 2):
        part = light.at(tmp_path / f"shard-{index}")
        mine = run.shard(planned, DECK, part.ground, index, 2)
        assert 2 <= len(mine.tasks) <= 3
        carry_out(part, mine, run.Options(pool=part.pool))
        shards.append(part.ground.root)
    assert merged(light, *shards) == run.Merged(cards=tuple(each.id or "" for each in CARDS), problems=())
    assert stale(light) == []
    whole = light.at(tmp_path / "whole")
    whole.run(*CARDS)
    assert frozen(light.ground.root) == frozen(whole.ground.root)
    assert merged(light, *shards) == run.Merged(cards=(), problems=())


def test_two_records_of_one_card_that_both_hold_are_a_problem(light: Deck, tmp_path: Path) -> None:
    clock = card("clock", cell("a", "import time\nprint(time.time_ns())"))
    parts = [light.at(tmp_path / name) for name in ("first", "second")]
    for part in parts:
        part.run(clock)
    roots = [part.ground.root for part in parts]
    found = run.merge(roots, corpus(clock), light.ground)
    assert [each.code for each in found.problems] == ["R015"]
    assert f"{roots[0]} and {roots[1]}" in found.problems[0].text
    assert not light.file("clock").exists()


def test_what_a_shard_merely_carried_does_not_replace_what_is_newer(light: Deck, tmp_path: Path) -> None:
    old = replace(CARDS[0], fields=card("card-0", cell("a", "print(7)")).fields, mutants=())
    carrying, working = light.at(tmp_path / "carrying"), light.at(tmp_path / "working")
    carrying.run(old, CARDS[1])
    working.run(old, CARDS[2])
    light.run(CARDS[0])
    before = frozen(light.ground.root)
    found = merged(light, carrying.ground.root, working.ground.root)
    assert (found.cards, found.problems) == (("card-1", "card-2"), ())
    assert frozen(light.ground.root).items() >= before.items()
    assert stale(light) == ["card-3", "card-4"]


def test_a_merge_never_takes_away_what_holds(light: Deck, tmp_path: Path) -> None:
    """A shard that measured anew without drawing anew has a figure that is not of its measurement."""
    both = card(
        "both", cell("n", "import time\nreport(time.time_ns())"), cell("draw", "print(result('n'))", env="other")
    )
    two = several_environments(light, tmp_path)
    two.run(both)
    assert stale(two, both) == []
    shard = Deck(replace(two.ground, root=tmp_path / "shard"), two.pool)
    shard.run(card("both", both.cells[0]))
    found = run.merge([shard.ground.root], corpus(both), two.ground)
    assert ([each.code for each in found.problems], found.cards) == (["R015"], ())
    assert "would make draw stale" in found.problems[0].text
    assert stale(two, both) == []


def test_a_shard_that_was_lost_is_named(light: Deck, tmp_path: Path) -> None:
    part, lost, other, torn = (light.at(tmp_path / name) for name in ("part", "lost", "other", "torn"))
    part.run(CARDS[0])
    other.run(card("card-1", cell("a", "print(8)")))
    torn.run(CARDS[2])
    torn.file("card-2/record.json").write_bytes(b"{")
    found = merged(light, *(each.ground.root for each in (part, lost, other, torn)))
    assert found.cards == ("card-0",)
    assert [(each.code, each.span.path) for each in found.problems] == [
        *(("R015", f"{each.ground.root}/figures") for each in (lost, other, torn)),
        ("R004", f"{torn.ground.root}/figures/card-2/record.json"),
    ]
    assert [each.text for each in found.problems][:3] == [
        "this shard has no record",
        "no record of this shard is sound and of this tree",
        "no record of this shard is sound and of this tree",
    ]


def lose(path: Path, kind: str) -> None:
    data = path.read_bytes()
    path.unlink() if kind == "gone" else path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize("name", ["a.txt", "record.json"])
@pytest.mark.parametrize("kind", ["gone", "torn"])
def test_what_is_damaged_in_a_shard_is_named_and_the_rest_taken_over(
    light: Deck, tmp_path: Path, name: str, kind: str
) -> None:
    part = light.at(tmp_path / "part")
    part.run(*CARDS[:2])
    lose(part.file(f"card-0/{name}"), kind)
    found = merged(light, part.ground.root)
    assert [(each.code, each.span.path) for each in found.problems] == [
        ("R004", f"{part.ground.root}/figures/card-0/{name}")
    ]
    assert "card-1" in found.cards
    assert "card-0" in stale(light)


def test_a_text_that_is_torn_here_comes_back_from_a_shard(light: Deck, tmp_path: Path) -> None:
    light.run(CARDS[0])
    root = tmp_path / "shard"
    shutil.copytree(light.ground.root / "figures", root / "figures")
    light.file("card-0/a.txt").write_bytes(b"")
    assert merged(light, root).cards == ("card-0",)
    assert stale(light, CARDS[0]) == []


def dealt(deck: Corpus, ground: run.Ground, *, everything: bool) -> dict[str, int]:
    """Which of three shards gets a card, of those with something to run."""
    planned = run.plan(deck, ground, everything=everything)
    parts = {index: run.shard(planned, deck, ground, index, 3) for index in (1, 2, 3)}
    return {task.process.card: index for index, part in parts.items() for task in part.tasks if not task.fresh}


def test_the_deal_is_the_same_whatever_a_machine_has_and_whatever_is_stale(
    light: Deck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rare = [
        card(f"rare-{n}", cell("n", "report(1)", needs=("nvcc",)), cell("v", "1", env="vllm"), cell("a", f"x = {n}"))
        for n in range(4)
    ]
    light.run(*CARDS[:2])
    deck = corpus(*CARDS, *rare, card("vllm-only", cell("v", "1", env="vllm")))
    ground = replace(light.ground, requirements={**light.ground.requirements, "vllm": "v"})
    with monkeypatch.context() as poor:
        poor.setenv("PATH", str(tmp_path))
        deals = [dealt(deck, ground, everything=everything) for everything in (False, True)]
    (tmp_path / "nvcc").write_text("")
    (tmp_path / "nvcc").chmod(0o755)
    (tmp_path / "envs").mkdir()
    for env in ("core", "vllm"):
        (tmp_path / "envs" / env).symlink_to(light.ground.envs / "core")
    monkeypatch.setenv("PATH", str(tmp_path))
    rich = dealt(deck, replace(ground, envs=tmp_path / "envs"), everything=True)
    assert len(rich) == 10
    assert [len(each) for each in deals] == [7, 9]
    assert all(each.items() <= rich.items() for each in deals)


@pytest.mark.parametrize("index", [0, 3, -1])
def test_a_shard_that_does_not_exist_is_refused(light: Deck, index: int) -> None:
    with pytest.raises(ValueError, match="shard"):
        run.shard(run.plan(DECK, light.ground), DECK, light.ground, index, 2)
