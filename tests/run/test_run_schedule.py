"""Which job a worker gets next, and how much of a process a mutant needs."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from small_deck import Deck, card, cell, corpus, mutant

from build_deck import run
from build_deck.cells.protocol import Interpreter, Job, Outcome, Snippet, Toolchain
from build_deck.model.card import Cell, Role
from build_deck.run.order import Ended, Errand, Order
from build_deck.run.process import Process
from build_deck.run.schedule import gather
from build_deck.run.verdict import decisive


def order(name: str, mutants: int, *, known: bool = False, cells: bool = True) -> Order:
    def job(what: str) -> Job:
        return Job(f"{name}{what}", (Snippet("a", "", "x.md", 1),))

    named = tuple((str(at), job(str(at))) for at in range(mutants))
    return Order(interpreter=Interpreter("python"), cells=job("") if cells else None, mutants=named, known=known)


def carried_out(*orders: Order, failing: str = "", at_once: int = 1) -> tuple[list[str], list[int], dict[int, int]]:
    """The jobs as they began, the orders as they ended, and how many mutants each reports."""
    began: list[str] = []

    def work(errand: Errand) -> Ended:
        began.append(errand.job.id)
        status = "failed" if errand.job.id == failing else "ok"
        return Ended(toolchain=Toolchain("3", "x"), outcomes=(Outcome("a", status, seconds=1.0),), seconds=2.0)

    with ThreadPoolExecutor(1) as executor:
        reports = list(gather(executor, work, orders, at_once))
    assert all(report.seconds == 2 * report.computed for _, report in reports)
    return began, [at for at, _ in reports], {at: len(report.mutants) for at, report in reports}


def test_a_card_that_is_begun_is_finished_before_the_next() -> None:
    began, ended, _ = carried_out(order("a", 2), order("b", 1), order("c", 2, cells=False))
    assert began == ["a", "a0", "a1", "b", "b0", "c0", "c1"]
    assert ended == [0, 1, 2]


def test_mutants_of_known_cells_need_not_wait_for_them() -> None:
    assert carried_out(order("a", 2), order("b", 1), at_once=2)[0][:2] == ["a", "b"]
    assert carried_out(order("a", 2, known=True), order("b", 1), at_once=2)[0][:3] == ["a", "a0", "a1"]


@pytest.mark.parametrize("known", [False, True])
def test_mutants_of_cells_that_fail_do_not_count(known: bool) -> None:
    began, ended, mutants = carried_out(order("a", 2, known=known), order("b", 1), failing="a")
    assert (began, ended, mutants) == (["a", "b", "b0"], [0, 1], {0: 0, 1: 1})
    assert carried_out(order("a", 2, known=known), failing="a", at_once=9)[2] == {0: 0}


def test_an_order_for_nothing_is_done_at_once() -> None:
    assert carried_out(order("a", 0, cells=False), order("b", 0)) == (["b"], [0, 1], {0: 0, 1: 0})


@pytest.mark.cells
def test_one_long_card_keeps_two_workers_busy(light: Deck) -> None:
    slow = cell("a", "import time\nx = 1\ntime.sleep(0.5)\nassert x == 1")
    mutants = tuple(mutant("a", "x = 1", f"x = {n}", f"m{n}") for n in range(2, 8))
    long = card("long", slow, mutants=mutants)
    light.run(card("warm", cell("a", "1")), card("warm-too", cell("a", "2")), workers=2)
    planned = run.plan(corpus(long), light.ground)
    began = time.monotonic()
    ended = [
        each
        for each in run.execute(planned, light.ground, run.Options(workers=2, pool=light.pool))
        if isinstance(each, run.Finished)
    ]
    wall = time.monotonic() - began
    assert [(each.problems, each.mutants) for each in ended] == [((), (6, 6))]
    assert ended[0].computed > 3.5
    assert wall < 0.85 * ended[0].seconds


def process(*cells: Cell) -> Process:
    return Process(card="a-card", name="core", env="core", cells=cells)


@pytest.mark.parametrize(
    ("last", "kept"),
    [
        ("print(x)", "ab"),
        ("assert x == 1", "abc"),
        ("check(x)", "abc"),
        ("alias(x)", "abc"),
        ("C().run(x)", "abc"),
        ("torch.testing.assert_close(x, x)", "abc"),
        ("free(x)", "ab"),
    ],
)
def test_a_mutant_runs_as_far_as_something_can_notice_it(last: str, kept: str) -> None:
    helpers = "def check(v):\n    assert v\ndef indirect(v):\n    check(v)\nalias = indirect\ndef free(v): pass\n"
    helpers += "class C:\n    def run(self, v): indirect(v)"
    whole = process(cell("a", helpers), cell("b", "x = 1"), cell("c", last), cell("d", "print(2)"))
    assert "".join(each.id for each in decisive(whole, "b").cells) == kept


def test_tests_and_promised_exceptions_are_asserts_too() -> None:
    tests = cell("c", "def test_x(): pass", role=Role.TESTS)
    assert len(decisive(process(cell("a", "x = 1"), cell("b", "y = 2"), tests), "a").cells) == 3
    assert len(decisive(process(cell("a", "x = 1"), cell("b", "1 / x", raises="ValueError")), "a").cells) == 2
