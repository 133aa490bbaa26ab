"""The same code must say the same again, in everything that is kept of it; what is kept may have been tampered with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from small_deck import Deck, card, cell, corpus, mutant

from build_deck import run
from build_deck.cells.protocol import SIMULATED, Drawing, Outcome, Toolchain
from build_deck.model.card import Card
from build_deck.model.outcome import Level
from build_deck.run import record as records
from build_deck.run.drift import compare, level_holds
from build_deck.run.freeze import Frozen, FrozenCell, read
from build_deck.run.order import Report
from build_deck.run.plan import every_task
from build_deck.run.record import CellRecord, MutantRecord, Record
from build_deck.run.settle import settle

REPORTING = card("a-card", cell("a", "report({'loss': 0.5, 'steps': 3})\nprint('x')"))
RAISING = card("a-card", cell("a", "raise ValueError('expected 3 axes')", raises="ValueError"))
ALL = {"everything": True}


def as_before(deck: Deck) -> bytes:
    """Rewrite the record as a version did that knew neither the processor nor the packages; the bytes of it."""
    path = deck.file("a-card/record.json")
    body = json.loads(path.read_bytes())
    for each in body["cells"].values():
        each["toolchain"].pop("cpu")
        each["toolchain"].pop("packages")
    body.pop("digest")
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    body["digest"] = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1) + "\n", encoding="utf-8")
    return path.read_bytes()


def seal(deck: Deck, record: Record) -> None:
    """Write a record as somebody would who knows how its digest is made."""
    deck.file(f"{record.card}/record.json").write_text(records.dump(record), encoding="utf-8")


def forge(deck: Deck, **changes: Any) -> None:
    record = read("a-card", deck.ground).record
    seal(deck, replace(record, cells={"a": replace(record.cells["a"], **changes)}))


@pytest.mark.cells
@pytest.mark.parametrize(
    ("result", "codes"),
    [
        ({"loss": 0.5, "steps": 3}, []),
        ({"loss": 0.50004, "steps": 3}, []),
        ({"loss": 0.6, "steps": 3}, ["R003"]),
        ({"loss": 0.5, "steps": 4}, ["R003"]),
        (None, ["R003"]),
    ],
)
def test_what_a_cell_reports_is_compared_with_its_tolerance(light: Deck, result: Any, codes: list[str]) -> None:
    light.run(REPORTING)
    forge(light, result=result)
    told = light.verify(REPORTING)
    assert told.codes == codes
    assert not codes or "what it reports differs" in told.problems[0].text


@pytest.mark.cells
def test_the_message_of_a_promised_exception_is_compared_too(light: Deck) -> None:
    light.run(RAISING)
    assert light.verify(RAISING).codes == []
    forge(light, error="ValueError: expected 4 axes\n")
    told = light.verify(RAISING)
    assert told.codes == ["R003"]
    assert "-ValueError: expected 4 axes" in told.problems[0].text


@pytest.mark.cells
def test_a_level_that_the_cell_cannot_have_reached_does_not_hold(light: Deck) -> None:
    light.run(REPORTING)
    forge(light, level=Level.EXECUTED_GPU)
    told = light.verify(REPORTING)
    assert told.codes == ["R003"]
    assert "is recorded as executed-gpu, and is executed-cpu" in told.problems[0].text
    assert light.run(REPORTING, **ALL).codes == []
    assert run.card_evidence(REPORTING, light.ground).level is Level.EXECUTED_CPU
    assert light.verify(REPORTING).codes == []


@pytest.mark.parametrize(
    ("needs", "old", "new", "holds"),
    [
        ((), Level.EXECUTED_CPU, Level.EXECUTED_CPU, True),
        ((), Level.EXECUTED_GPU, Level.EXECUTED_CPU, False),
        (("cuda",), Level.EXECUTED_GPU, Level.EXECUTED_CPU, True),
        ((), Level.EXECUTED_GPU, Level.SIMULATED, True),
        ((), Level.EXECUTED_GPU, Level.COMPILED, True),
        ((), Level.EXECUTED_CPU, Level.SIMULATED, False),
        ((), Level.SIMULATED, Level.EXECUTED_CPU, False),
    ],
)
def test_what_a_gpu_said_holds_where_one_can_have_said_it(
    needs: tuple[str, ...], old: Level, new: Level, holds: bool
) -> None:
    made = cell("a", "1", needs=needs)
    assert level_holds(made, entry(level=old), entry(level=new)) is holds


def entry(**changes: Any) -> CellRecord:
    sound = CellRecord(
        key="k", env="core", requirements="r", level=Level.EXECUTED_CPU, toolchain=Toolchain("3", "x"), stdout=""
    )
    return replace(sound, **changes)


def test_a_drawing_that_differs_is_named() -> None:
    first, second = Drawing("plot-1", "<svg/>"), Drawing("plot-2", "<svg/>")
    old = FrozenCell(record=entry(), stdout="", drawings=(first, second))
    other = replace(old, drawings=(first, Drawing("plot-2", "<svg><path/></svg>")))
    verdict = compare(cell("plot", "1"), old, other)
    assert not verdict.same
    assert verdict.diff.startswith("drawing plot-2: ")


@pytest.mark.cells
def test_a_mutant_that_survives_now_loses_its_old_verdict(light: Deck) -> None:
    weak = card("a-card", cell("a", "x = 3\nassert x > 0"), mutants=(mutant("a", "x = 3", "x = 4"),))
    assert light.run(weak).codes == ["R005"]
    (task,) = every_task(corpus(weak), light.ground)
    verdict = MutantRecord(
        key=task.keys["mutant:mutant"], requirements=light.ground.requirements["core"], name="mutant", of="a",
        killed=True, by="AssertionError in a",
    )  # fmt: skip
    seal(light, replace(read("a-card", light.ground).record, mutants=(verdict,)))
    assert run.plan(corpus(weak), light.ground).stale == ()
    assert light.verify(weak).codes == ["R005"]
    assert run.plan(corpus(weak), light.ground).stale == ()
    assert light.run(weak, **ALL).codes == ["R005"]
    (stale,) = run.plan(corpus(weak), light.ground).stale
    assert [each.name for each in stale.mutants] == ["mutant"]


TORN = cell("a", "import time\nprint('at', time.time_ns())")
STEADY = cell("a", "print('at', 7)")


def tear(deck: Deck, made: Card) -> None:
    deck.run(made)
    text = deck.file("a-card/a.txt")
    text.write_bytes(text.read_bytes()[:3])


@pytest.mark.cells
def test_a_torn_text_is_restored_when_the_same_comes_out_again(light: Deck) -> None:
    steady = card("a-card", STEADY)
    tear(light, steady)
    checked = light.verify(steady)
    assert (checked.codes, "`run` restores them" in checked.problems[1].hint) == (["R004", "R014"], True)
    assert light.file("a-card/a.txt").read_text() == "at "
    assert light.run(steady).codes == ["R004"]
    assert light.file("a-card/a.txt").read_text() == "at 7\n"
    assert light.verify(steady).codes == []


@pytest.mark.cells
def test_a_record_of_an_earlier_version_stays_as_it_is_until_everything_runs(light: Deck) -> None:
    steady = card("a-card", STEADY, cell("b", "x = 7"))
    tear(light, steady)
    earlier = as_before(light)
    assert light.run(steady).codes == ["R004"]
    assert light.file("a-card/a.txt").read_text() == "at 7\n"
    light.verify(steady)
    light.run(steady, **ALL)
    assert light.file("a-card/record.json").read_bytes() == earlier
    assert light.run(steady, **ALL, policy=run.Policy(renew=True)).wrote
    renewed = {name: each.toolchain.cpu for name, each in read("a-card", light.ground).record.cells.items()}
    assert sorted(renewed) == ["a", "b"]
    assert all(renewed.values())
    assert not light.run(steady, **ALL, policy=run.Policy(renew=True)).wrote


def test_what_a_gpu_recorded_is_not_renewed_by_less(light: Deck) -> None:
    gpu, here = Toolchain("3", "x", device="NVIDIA H100"), Toolchain("3", "x", cpu="EPYC", nvcc="13.0")
    (task,) = every_task(corpus(card("a-card", cell("a", "launch()"))), light.ground)
    old = entry(key=task.keys["a"], level=Level.EXECUTED_GPU, toolchain=gpu)
    known = Frozen(
        record=Record(card="a-card", cells={"a": old}), cells={"a": FrozenCell(record=old, stdout="", drawings=())}
    )
    simulated = Report(toolchain=here, cells=(Outcome("a", "ok", launches={"k": SIMULATED}),))
    settled = settle(task, simulated, known, "r", run.Policy(renew=True))
    assert (settled.problems, settled.frozen) == ((), known)


@pytest.mark.cells
def test_a_torn_text_is_no_way_to_freeze_something_else(light: Deck) -> None:
    drifting = card("a-card", TORN, cell("b", "print('fine')"))
    tear(light, drifting)
    before = light.file("a-card/record.json").read_bytes()
    for _ in range(2):  # the record goes on vouching for the text that is lost
        told = light.run(drifting)
        assert told.codes == ["R004", "R003"]
        assert "verify --accept a-card" in told.problems[1].hint
        assert light.file("a-card/a.txt").read_text() == "at "
    assert light.file("a-card/record.json").read_bytes() == before
    assert light.verify(drifting, accept=("a-card",)).codes == ["R004"]
    assert light.run(drifting).codes == []
    tear(light, steady := card("a-card", STEADY))
    assert light.verify(steady, accept=("a-card",)).codes == ["R004"]
    assert light.file("a-card/a.txt").read_text() == "at 7\n"


@pytest.mark.cells
def test_a_mutant_that_gets_another_name_is_tried_again_and_shown_by_it(light: Deck) -> None:
    for name in ("first name", "second name"):
        made = card("a-card", cell("a", "x = 3\nassert x == 3"), mutants=(mutant("a", "x = 3", "x = 4", name),))
        assert light.run(made).mutants == (1, 1)
        assert [each.name for each in run.card_evidence(made, light.ground).mutants] == [name]
