"""A record whose digest fits may still be nonsense: somebody who can write JSON can compute a digest, too."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from build_deck.cells.protocol import Toolchain
from build_deck.model.outcome import Level
from build_deck.run import record as records
from build_deck.run.record import CellRecord, DamagedError, MutantRecord, Record

CELL = CellRecord(
    key="k", env="core", requirements="r", level=Level.EXECUTED_CPU, toolchain=Toolchain("3.11", "x86_64"),
    stdout="0" * 64, drawings=(("plot", "1" * 64),), seconds=0.5, peak_mib=300,
)  # fmt: skip
MUTANT = MutantRecord(key="k", requirements="r", name="m", of="a", killed=True, by="AssertionError in a")
SOUND = Record(card="a-card", cells={"a": CELL}, mutants=(MUTANT,), stub=MUTANT)


def sealed(change: Callable[[dict[str, Any]], object]) -> str:
    """The sound record, changed, with a digest that fits."""
    body = json.loads(records.dump(SOUND))
    body.pop("digest")
    change(body)
    return json.dumps({**body, "digest": records._digest(body)})


def deep(body: dict[str, Any]) -> None:
    nest: list[Any] = []
    for _ in range(900):  # as deep as it can be written here; 100,000 brackets are refused while they are read
        nest = [nest]
    body["cells"]["a"]["key"] = nest


def test_what_was_written_is_read() -> None:
    assert records.load(records.dump(SOUND), "a-card") == SOUND
    assert records.load(sealed(lambda body: None), "a-card") == SOUND


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["cells"]["a"].update(seconds=float("nan")),
        lambda body: body["cells"]["a"].update(seconds=float("inf")),
        lambda body: body["cells"]["a"].update(peak_mib=-1),
        lambda body: body["cells"]["a"].update(seconds=10**400),
        lambda body: body["cells"]["a"].update(seconds="1"),
        lambda body: body["cells"]["a"].update(seconds=True),
        lambda body: body["cells"]["a"].update(key=7),
        lambda body: body["cells"]["a"].update(stdout=None),
        lambda body: body["cells"]["a"].update(error=["x"]),
        lambda body: body["cells"]["a"].update(drawings=[["plot", 1]]),
        lambda body: body["cells"]["a"].update(drawings=[["../plot", "1"]]),
        lambda body: body["cells"]["a"].update(drawings="plot"),
        lambda body: body["cells"]["a"].update(tests=[{"name": 1}]),
        lambda body: body["cells"]["a"].update(level="proved"),
        lambda body: body["cells"]["a"]["toolchain"].update(python=3),
        lambda body: body["cells"]["a"]["toolchain"].update(packages=["numpy"]),
        lambda body: body["cells"]["a"]["toolchain"].update(packages={"numpy": 2}),
        lambda body: body["cells"].update(a=[]),
        lambda body: body["cells"].update(a=None),
        lambda body: body.update(cells=[]),
        lambda body: body.update(mutants=[7]),
        lambda body: body.update(mutants=None),
        lambda body: body["mutants"][0].update(killed="yes"),
        lambda body: body.update(stub=0),
        deep,
    ],
)
def test_wrong_types_and_numbers_are_damage(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(DamagedError):
        records.load(sealed(change), "a-card")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"digest": ' + "[" * 100_000, "null", "[]", "7", '"text"', "\ud800"])
def test_what_is_no_record_at_all_is_damage(text: str) -> None:
    with pytest.raises(DamagedError):
        records.load(text, "a-card")
