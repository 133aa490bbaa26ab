"""What a cell reads of another process is there, and of today, when it runs: one `run` leaves nothing stale."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_deck import Deck, card, carry_out, cell, corpus, several_environments

from build_deck import build, run
from build_deck.model.card import Card

pytestmark = pytest.mark.cells


def relay(value: str, *, last: str = "print(result('n') * 2)\nreport(result('n') * 2)") -> Card:
    """A cell measures, one in a second environment reads that and hands it on, one in a third reads this."""
    return card(
        "relay",
        cell("end", "print(result('draw') + 1)", 30, env="third"),
        cell("draw", last, 20, env="other"),
        cell("n", f"report({value})", 10),
    )


@pytest.fixture
def several(light: Deck, tmp_path: Path) -> Deck:
    return several_environments(light, tmp_path)


def stale(deck: Deck, made: Card) -> list[str]:
    return [task.process.name for task in run.plan(corpus(made), deck.ground).stale]


def test_a_new_card_runs_in_the_order_in_which_its_cells_read(several: Deck) -> None:
    done = several.run(relay("3"), workers=2)
    assert (done.codes, done.cells) == ([], 3)
    assert several.file("relay/end.txt").read_text() == "7\n"
    assert stale(several, relay("3")) == []


@pytest.mark.parametrize("last", ["print(result('n') * 2)\nreport(result('n') * 2)", "report(result('n') * 2)"])
def test_after_an_edit_of_the_first_all_that_read_it_run_again_with_the_new_value(several: Deck, last: str) -> None:
    several.run(relay("3"))
    edited = relay("4", last=last)
    planned = run.plan(corpus(edited), several.ground)
    ended = carry_out(several, planned, run.Options(pool=several.pool))
    assert [each.task.process.name for each in ended] == ["core", "other", "third"]
    assert several.file("relay/end.txt").read_text() == "9\n"
    assert stale(several, edited) == []
    # `end` was fresh when it was planned, and ran: it is no reused one
    assert build.reused_cells(planned) >= 1
    assert build.reused_cells(planned, ended) == 0


def test_an_edit_that_measures_the_same_runs_nothing_else(several: Deck) -> None:
    several.run(relay("3"))
    assert several.run(relay("2 + 1")).cells == 1
    assert stale(several, relay("2 + 1")) == []


def test_verify_reads_what_is_frozen_and_what_is_accepted_is_read_in_the_same_run(several: Deck) -> None:
    drifting = relay("__import__('time').time_ns()")
    several.run(drifting)
    before = several.file("relay/end.txt").read_text()
    assert several.verify(drifting).codes == ["R003"]
    assert several.file("relay/end.txt").read_text() == before
    assert several.verify(drifting, accept=("relay",)).codes == []
    assert several.file("relay/end.txt").read_text() != before
    assert stale(several, drifting) == []


def test_cells_that_read_each_other_end_all_the_same(several: Deck) -> None:
    circle = card("circle", cell("a", "report(1 + result('b'))"), cell("b", "report(1 + result('a'))", env="other"))
    assert several.run(circle).codes == ["R001", "R001"]


def test_a_process_never_reads_what_it_measured_yesterday(several: Deck) -> None:
    itself = card("itself", cell("a", "report(1)"), cell("b", "print(result('a'))", 20))
    for _ in range(2):  # the second time, `a` has a record
        told = several.run(itself)
        assert told.codes == ["R001"]
        assert "KeyError" in told.problems[0].text
