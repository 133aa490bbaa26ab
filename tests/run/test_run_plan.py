"""Record keys and plans: what makes an outcome stale, and what must not. Nothing is executed here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from small_deck import card, cell, corpus, mutant

from build_deck import run
from build_deck.model.card import Cell, Role
from build_deck.model.problem import Severity
from build_deck.run.key import cell_keys
from build_deck.run.process import Process, processes

Grounds = Callable[[], run.Ground]


def keys(ground: run.Ground, *cells: Cell) -> list[str]:
    return list(cell_keys(Process(card="a-card", name="core", env="core", cells=cells), ground, {}).values())


@pytest.mark.parametrize(
    "changes",
    [{"source": "x = 2"}, {"raises": "TypeError"}, {"needs": ("gloo",)}, {"env": "hf"}, {"figure": "图"}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_changes_execution_changes_the_key(make_ground: Grounds, changes: dict[str, Any]) -> None:
    ground, before = make_ground(), cell("a", "x = 1")
    assert keys(ground, before) != keys(ground, replace(before, **changes))


@pytest.mark.parametrize(
    "changes",
    [{"timeout": 60.0}, {"rtol": 0.1}, {"atol": 0.1}, {"compare": "text"}, {"figure": "另一句说明"}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_only_judges_or_captions_leaves_the_key(make_ground: Grounds, changes: dict[str, Any]) -> None:
    ground, before = make_ground(), cell("a", "x = 1", figure="说明")
    assert keys(ground, before) == keys(ground, replace(before, **changes))


def test_a_cell_depends_on_the_cells_before_it_only(make_ground: Grounds) -> None:
    ground, first, last = make_ground(), cell("a", "x = 1"), cell("c", "x + 2")
    one = keys(ground, first, cell("b", "x"), last)
    two = keys(ground, first, cell("b", "x + 1"), last)
    assert [left == right for left, right in zip(one, two, strict=True)] == [True, False, False]


def test_moving_a_cell_in_the_file_leaves_the_key(make_ground: Grounds) -> None:
    ground = make_ground()
    assert keys(ground, cell("a", "x = 1", line=3)) == keys(ground, cell("a", "x = 1", line=300))


def test_the_figure_style_enters_cells_that_draw_only(make_ground: Grounds) -> None:
    ground = make_ground()
    other = replace(ground, style_digest="another")
    plain, drawing = cell("a", "x = 1"), cell("b", "x = 2", figure="图")
    assert keys(ground, plain) == keys(other, plain)
    assert keys(ground, drawing) != keys(other, drawing)


def test_a_measurement_enters_the_cells_that_ask_for_it(make_ground: Grounds) -> None:
    process = Process(
        card="a-card", name="core", env="core", cells=(cell("a", "1"), cell("b", "result('gpu')"), cell("c", "2"))
    )
    ground = make_ground()
    one, two = (list(cell_keys(process, ground, {"gpu": value}).values()) for value in (1, 2))
    assert [left == right for left, right in zip(one, two, strict=True)] == [True, False, False]


def test_declared_inputs_enter_by_content(make_ground: Grounds) -> None:
    ground, reads = make_ground(), cell("a", "open('x')", inputs=("fixtures/x.json",))
    path = ground.root / "fixtures" / "x.json"
    path.parent.mkdir()
    path.write_text("1")
    before = keys(ground, reads)
    path.write_text("2")
    assert keys(ground, reads) != before


def test_a_missing_input_and_an_unknown_environment_are_errors(make_ground: Grounds) -> None:
    wanting = card("a-card", cell("a", "1", inputs=("nowhere",)), cell("b", "2", env="atlantis"))
    planned = run.plan(corpus(wanting), make_ground())
    assert [(each.code, each.severity) for each in planned.problems] == [
        ("R011", Severity.ERROR),
        ("R002", Severity.ERROR),
    ]
    assert planned.tasks == ()


def test_one_process_per_environment_and_one_for_a_gpu_cell() -> None:
    cells = (cell("a", "1"), cell("b", "2", env="hf"), cell("c", "3"), cell("d", "4", needs=("cuda",)))
    assert [(each.name, [one.id for one in each.cells]) for each in processes(card("a-card", *cells))] == [
        ("core", ["a", "c"]),
        ("hf", ["b"]),
        ("d", ["d"]),
    ]


def test_a_kata_is_solution_and_tests_and_apart_from_them_the_stub() -> None:
    cells = [cell(role.value, "1", role=role) for role in (Role.STUB, Role.SOLUTION, Role.TESTS, Role.HIDDEN_TESTS)]
    assert [(each.name, [one.id for one in each.cells]) for each in processes(card("a-kata", *cells))] == [
        ("core", ["solution", "tests", "hidden-tests"]),
        ("stub", ["stub", "tests", "hidden-tests"]),
    ]


def test_a_new_deck_is_stale_in_the_environments_that_it_uses(make_ground: Grounds) -> None:
    planned = run.plan(corpus(card("a-card", cell("a", "1")), card("no-cells")), make_ground())
    assert planned.stale_envs == ("core",)
    assert [task.why for task in planned.stale] == ["a has no sound record"]


def test_static_cells_and_cells_for_a_gpu_do_not_run_here(make_ground: Grounds) -> None:
    cells = (cell("a", "1", role=Role.STATIC, why="shown only"), cell("b", "2", needs=("cuda",)))
    planned = run.plan(corpus(card("a-card", *cells)), make_ground())
    assert planned.tasks == ()
    assert [(each.code, each.severity) for each in planned.problems] == [("R009", Severity.WARNING)]


def test_a_mutant_whose_fragment_is_not_there_once_is_an_error(make_ground: Grounds) -> None:
    wrong = card("a-card", cell("a", "x = 1\ny = 1"), mutants=(mutant("a", "= 1", "= 2"),))
    assert [each.code for each in run.plan(corpus(wrong), make_ground()).problems] == ["R007"]


def test_a_card_without_an_id_runs_nothing(make_ground: Grounds) -> None:
    nameless = replace(card("a-card", cell("a", "1")), id=None)
    assert run.plan(corpus(nameless), make_ground()).tasks == ()
