"""The same plan on one worker and on two: the same records; what a run and a survey of our own mutants say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from small_deck import Deck, card, carry_out, cell, corpus, frozen, mutant

from build_deck import run
from build_deck.model.card import Card

pytestmark = pytest.mark.cells

CARDS = tuple(
    card(f"card-{n}", cell("a", f"x = {n}\nprint(x / 3)\nassert x == {n}"), mutants=(mutant("a", "x = ", "x = 1 + "),))
    for n in range(5)
)


def test_two_workers_freeze_what_one_does(light: Deck, tmp_path: Path) -> None:
    assert light.run(*CARDS).mutants == (5, 5)
    two = light.at(tmp_path / "two")
    ended = carry_out(two, run.plan(corpus(*CARDS), two.ground), run.Options(workers=2, pool=two.pool))
    assert [each.problems for each in ended] == [()] * 5
    assert frozen(tmp_path / "two") == frozen(light.ground.root)


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
    options = run.Options(pool=deck.pool)
    found = run.survey(run.plan(corpus(*cards), deck.ground), deck.ground, options)
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


def test_a_survey_says_how_much_of_what_it_could_try_it_tried(light: Deck) -> None:
    many = "".join(f"x{n} = f({n})\n" for n in range(60))
    made = cell("a", f"def f(n):\n    return n\n{many}assert " + " + ".join(f"x{n}" for n in range(60)))
    found = survey(light, card("many", made))["many"]
    assert (found.tried, found.possible) == (60, 60)
    told = run.report((), (), (replace(found, tried=40),))["surveys"][0]
    assert (told["tried"], told["possible"]) == (40, 60)
