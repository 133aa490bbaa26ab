"""How many mutants of our own are tried, and of what: only where something holds that they can be compared with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_deck import Deck, card, cell, corpus, several_environments

from build_deck import run
from build_deck.model.card import Card
from build_deck.run.freeze import Frozen, FrozenCell, read, write

pytestmark = pytest.mark.cells

MANY = "\n".join(f"x{n} = f({n})" for n in range(60)) + "\nassert " + " and ".join(f"x{n} > 0" for n in range(60))
LONG = card(
    "a-card", cell("a", f"f = lambda n: n + 100\n{MANY}"), cell("b", f"f = lambda n: n + 100\n{MANY}", env="other")
)


def recorded(deck: Deck, made: Card, seconds: float) -> run.Plan:
    """The plan for a card whose every cell took as many seconds when it was recorded."""
    assert deck.run(made).codes == []
    before = read("a-card", deck.ground)
    cells = {
        name: FrozenCell(record=replace(each.record, seconds=seconds), stdout=each.stdout, drawings=each.drawings)
        for name, each in before.cells.items()
    }
    record = replace(before.record, cells={name: each.record for name, each in cells.items()})
    write(Frozen(record=record, cells=cells), before, deck.ground)
    return run.plan(corpus(made), deck.ground)


def tried(deck: Deck, planned: run.Plan, **how: bool) -> list[tuple[int, int]]:
    found = run.survey(planned, deck.ground, run.Options(pool=deck.pool, workers=2), **how)
    return [(each.tried, each.possible) for each in found if isinstance(each, run.Survey)]


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, 62), (1.0, 60), (2.0, 30), (10.0, 6), (60.0, 4), (500.0, 4)])
def test_a_card_is_given_its_minute_and_at_least_four_slips(light: Deck, seconds: float, expected: int) -> None:
    planned = recorded(light, card("a-card", LONG.cells[0]), seconds)
    assert tried(light, planned) == [(expected, 62)]


def test_the_processes_of_a_card_share_its_minute(light: Deck, tmp_path: Path) -> None:
    both = several_environments(light, tmp_path)
    assert tried(both, recorded(both, LONG, 2.0)) == [(15, 62), (15, 62)]
    assert tried(both, recorded(both, LONG, 2.0), every=True) == [(62, 62), (62, 62)]


def test_what_cannot_be_surveyed_is_named(light: Deck) -> None:
    made = card("a-card", cell("a", "x = f(2)\nassert x"), cell("b", "true", language="bash"))
    (left_out,) = run.unsurveyed(run.plan(corpus(made), light.ground), light.ground)
    assert (left_out.card, left_out.why) == ("a-card", "no record of this code: a has no sound record")
    holding = replace(run.plan(corpus(made), light.ground).tasks[0], why="")
    planned = run.Plan(tasks=(holding,))
    (left_out,) = run.unsurveyed(planned, light.ground)
    assert (left_out.cell, left_out.why) == ("b", "no slips are made in bash")
    (left_out,) = run.unsurveyed(planned, light.ground, {("a-card", "core")})
    assert left_out.why == "it says something else than what is frozen"
    assert tried(light, run.plan(corpus(made), light.ground)) == []
    assert list(run.survey(planned, light.ground, fallen={("a-card", "core")}))[1:] == []
