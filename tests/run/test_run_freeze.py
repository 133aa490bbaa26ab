"""From cells to frozen outcomes and back, in the real environment."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from small_deck import Deck, card, cell, corpus, mutant

from build_deck import run
from build_deck.model.card import Card, Role
from build_deck.model.outcome import Level

pytestmark = pytest.mark.cells

MEAN = cell("mean", "import torch\nx = torch.ones(4) * 2\nprint(x.mean().item())\nassert x.mean() == 2")
PLOT = cell(
    "plot", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('缩放')\nprint('画')", 20, figure="图"
)


def everything(deck: Deck) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(deck.file(".").rglob("*")) if path.is_file()}


def test_outcomes_are_frozen_once_and_then_left_alone(deck: Deck) -> None:
    both = card("a-card", MEAN, PLOT)
    first = deck.run(both)
    assert (first.codes, first.cells) == ([], 2)
    assert deck.file("a-card/mean.txt").read_text() == "2.0\n"
    assert "<svg" in deck.file("a-card/plot.svg").read_text()
    before = everything(deck)
    assert deck.run(both).cells == 0
    verified = deck.verify(both)
    assert (verified.codes, verified.cells) == ([], 2)
    assert everything(deck) == before


def test_evidence_is_what_was_frozen(deck: Deck) -> None:
    both = card("a-card", MEAN, PLOT, mutants=(mutant("mean", "* 2", "* 3"),))
    deck.run(both)
    found = run.load_evidence(corpus(both), deck.ground)["a-card"]
    assert found.level is Level.EXECUTED_CPU
    assert found.cells["mean"].stdout == "2.0\n"
    assert [drawing.name for drawing in found.cells["plot"].drawings] == ["plot"]
    assert [(each.killed, each.by) for each in found.mutants] == [(True, "AssertionError in mean")]
    edited = card("a-card", replace(MEAN, source=MEAN.source + "  # edited"), PLOT)
    assert run.load_evidence(corpus(edited), deck.ground)["a-card"].cells == {}


def test_only_what_an_edit_touched_is_recorded_again(deck: Deck) -> None:
    deck.run(card("a-card", MEAN, PLOT))
    plot = deck.file("a-card/plot.svg").stat().st_mtime_ns
    deck.run(card("a-card", MEAN, PLOT, cell("more", "print(x.sum().item())", 40)))
    assert deck.file("a-card/more.txt").read_text() == "8.0\n"
    assert deck.file("a-card/plot.svg").stat().st_mtime_ns == plot


def test_figures_are_the_same_bytes_each_time(deck: Deck) -> None:
    deck.run(card("a-card", PLOT))
    first = deck.file("a-card/plot.svg").read_bytes()
    shutil.rmtree(deck.file("a-card"))
    deck.run(card("a-card", PLOT))
    assert deck.file("a-card/plot.svg").read_bytes() == first
    assert b"<dc:date>" not in first


def test_files_of_an_outcome_that_is_replaced_go_with_it(deck: Deck) -> None:
    deck.run(card("a-card", PLOT))
    two = replace(PLOT, source=PLOT.source.replace("print('画')", "") + "plt.figure(); plt.plot([2, 1])")
    deck.run(card("a-card", two))
    assert sorted(path.name for path in deck.file("a-card").iterdir()) == ["plot-1.svg", "plot-2.svg", "record.json"]


def test_a_failing_cell_points_into_the_answer_file_and_is_not_frozen(deck: Deck) -> None:
    failing = card("a-card", cell("bad", "x = 1\nassert x == 2, 'nein'", 30), cell("after", "print(1)", 50))
    done = deck.run(failing)
    assert done.codes == ["R001"]
    assert str(done.problems[0]).startswith("source/demo/topic.md:31:1: R001 cell bad failed")
    assert "assert x == 2, 'nein'" in done.problems[0].text
    assert not deck.file("a-card/bad.txt").exists()
    assert deck.run(failing).codes == ["R001"]


def test_drift_from_the_same_code_fails_and_overwrites_nothing_unless_accepted(deck: Deck) -> None:
    # the code stays, the output does not
    drifting = card("a-card", cell("now", "import time\nprint('at', time.time_ns())"))
    deck.run(drifting)
    before = everything(deck)
    drifted = deck.verify(drifting)
    assert drifted.codes == ["R003"]
    assert "-at " in drifted.problems[0].text
    assert "--accept a-card" in drifted.problems[0].hint
    assert everything(deck) == before
    assert deck.verify(drifting, accept=("another-card",)).codes == ["R003"]
    assert deck.verify(drifting, accept=("a-card",)).codes == []
    assert everything(deck) != before


def test_verify_reports_code_without_a_record(deck: Deck) -> None:
    assert deck.verify(card("a-card", MEAN)).codes == ["R014"]
    assert not deck.file("a-card").exists()


def test_another_environment_runs_cpu_cells_again_and_keeps_what_still_holds(deck: Deck) -> None:
    deck.run(card("a-card", MEAN))
    text = deck.file("a-card/mean.txt").stat().st_mtime_ns
    requirements = deck.ground.root / "requirements" / "cells-core.txt"
    requirements.write_text(requirements.read_text() + "# renewed\n")
    newer = Deck(run.Ground.at(deck.ground.root, deck.ground.envs), deck.pool)
    assert newer.run(card("a-card", MEAN)).cells == 1
    assert newer.run(card("a-card", MEAN)).cells == 0
    assert deck.file("a-card/mean.txt").stat().st_mtime_ns == text


def damage(deck: Deck, kind: str) -> None:
    record, text = deck.file("a-card/record.json"), deck.file("a-card/mean.txt")
    if kind == "swapped":
        shutil.copy(deck.file("b-card/record.json"), record)
    elif kind == "linked":
        shutil.move(text, deck.ground.root / "elsewhere")
        text.symlink_to(deck.ground.root / "elsewhere")
    else:
        path = text if kind.startswith("text") else record
        data = path.read_bytes()
        changed = {"truncated": data[: len(data) // 2], "empty": b"", "edited": data.replace(b"2", b"3", 1)}
        path.write_bytes({**changed, "binary": b"\xff\xfe", "future": data.replace(b'"format": 1', b'"format": 9')}[
            kind.rpartition(" ")[2]
        ])  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["text edited", "text empty", "linked", "truncated", "empty", "edited", "binary", "future", "swapped"]
)
def test_a_damaged_record_is_noticed_never_shown_and_run_again(deck: Deck, kind: str) -> None:
    cards = (card("a-card", MEAN), card("b-card", replace(MEAN, source=MEAN.source + "\nprint(2)")))
    deck.run(*cards)
    damage(deck, kind)
    assert run.load_evidence(corpus(*cards), deck.ground)["a-card"].cells == {}
    again = deck.run(*cards)
    assert (again.codes, again.cells) == (["R004"], 1)
    assert run.load_evidence(corpus(*cards), deck.ground)["a-card"].cells["mean"].stdout == "2.0\n"
    assert not deck.file("a-card/mean.txt").is_symlink()


def test_every_flipped_bit_of_a_record_is_noticed(deck: Deck) -> None:
    deck.run(card("a-card", MEAN))
    record = deck.file("a-card/record.json")
    data = record.read_bytes()
    for at in range(0, len(data), max(1, len(data) // 100)):
        record.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        found = run.load_evidence(corpus(card("a-card", MEAN)), deck.ground)["a-card"]
        whitespace = data[at : at + 1].isspace()  # blanks between tokens carry nothing
        assert whitespace or found.cells == {}, data[at - 20 : at + 20]


def test_files_that_nothing_accounts_for_are_found(deck: Deck) -> None:
    deck.run(card("a-card", MEAN, PLOT))
    deck.file("gone").mkdir()
    deck.file("gone/record.json").write_text("{}")
    without: Card = card("a-card", MEAN)
    found = run.orphans(corpus(without), deck.ground)
    assert [path.relative_to(deck.file(".")).as_posix() for path in found] == [
        "a-card/plot.svg",
        "a-card/plot.txt",
        "gone/record.json",
    ]
    run.remove(found)
    assert not deck.file("gone").exists()
    assert run.orphans(corpus(without), deck.ground) == ()


SOLUTION = cell("solution", "def double(x):\n    return 2 * x", 10, role=Role.SOLUTION)
STUB = cell("stub", "def double(x):\n    raise NotImplementedError", 20, role=Role.STUB)
TESTS = cell("tests", "def test_double():\n    assert double(2) == 4", 30, role=Role.TESTS)
HIDDEN = cell("hidden", "def test_zero():\n    assert double(0) == 0", 40, role=Role.HIDDEN_TESTS)


def test_a_kata_holds_when_its_solution_passes_and_stub_and_mutants_fail(deck: Deck) -> None:
    kata = card("a-kata", STUB, SOLUTION, TESTS, HIDDEN, mutants=(mutant("solution", "2 * x", "3 * x"),))
    done = deck.run(kata)
    assert (done.codes, done.mutants, done.stubs) == ([], (1, 1), (1, 1))
    again = deck.run(kata)
    assert (again.mutants, again.stubs) == ((0, 0), (0, 0))


def test_a_stub_that_passes_is_an_error(deck: Deck) -> None:
    weak = cell("tests", "def test_nothing():\n    pass", 30, role=Role.TESTS)
    done = deck.run(card("a-kata", STUB, SOLUTION, weak))
    assert done.codes == ["R008"]
    assert "passes every test" in done.problems[0].text


@pytest.mark.parametrize(
    ("new", "code", "says"),
    [
        ("x * 2", "R005", "survives"),
        ("2 * y", "R006", "NameError"),
        ("2 * ", "R006", "SyntaxError"),
        ("__import__('nowhere')", "R006", "ModuleNotFoundError"),
        ("bytearray(1 << 45)", "R006", "memory"),
        ("int('x')", "", ""),
    ],
)
def test_mutants_of_a_kata(deck: Deck, new: str, code: str, says: str) -> None:
    kata = card("a-kata", SOLUTION, TESTS, mutants=(mutant("solution", "2 * x", new),))
    done = deck.run(kata)
    assert done.codes == ([code] if code else [])
    assert not code or says in done.problems[0].text


@pytest.mark.parametrize(
    ("new", "code"),
    [("x = 4", ""), ("x = 3 + 0", "R005"), ("x = (", "R006"), ("x = 1 / 0", "R006"), ("while True: pass", "R006")],
)
def test_mutants_of_a_cell_die_of_an_assertion_or_not_at_all(deck: Deck, new: str, code: str) -> None:
    first = cell("first", "x = 3", 10, timeout=1.0)
    later = cell("later", "assert x == 3", 20)
    done = deck.run(card("a-card", first, later, mutants=(mutant("first", "x = 3", new),)))
    assert done.codes == ([code] if code else [])
    assert deck.run(card("a-card", first, later)).cells == 0
