"""Whether a second run of a cell says what the first one did, as exactly as the cell asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from build_deck.cells.judge import Tolerance, Verdict, judge, judge_drawing
from build_deck.model.card import Cell
from build_deck.model.outcome import Level
from build_deck.run.freeze import FrozenCell
from build_deck.run.record import CellRecord

WITHOUT_GPU = (Level.SIMULATED, Level.COMPILED)
"""Levels of a run whose kernels would have used a GPU, had there been one."""


def compare(cell: Cell, old: FrozenCell, new: FrozenCell) -> Verdict:
    """Whether two runs of `cell` agree in all that is kept of them, and the first thing in which they do not."""
    return next((each for each in _verdicts(cell, old, new) if not each.same), Verdict(True))


def level_holds(cell: Cell, old: CellRecord, new: CellRecord) -> bool:
    """Whether the level that was recorded stands after a run that reached `new.level`.

    What a GPU said is not said again by less, where a GPU can have said it.
    """
    could = "cuda" in cell.needs or new.level in WITHOUT_GPU
    return old.level is new.level or (old.level is Level.EXECUTED_GPU and could)


def restored(entry: CellRecord, new: FrozenCell) -> FrozenCell | None:
    """The frozen cell whose texts are damaged, if `new` printed and drew byte for byte what its record vouches for."""
    vouched = entry.stdout, entry.drawings
    return replace(new, record=entry) if vouched == (new.record.stdout, new.record.drawings) else None


def _verdicts(cell: Cell, old: FrozenCell, new: FrozenCell) -> Iterator[Verdict]:
    tolerance = Tolerance(cell.compare, cell.rtol, cell.atol)
    was, now = old.record, new.record
    if was.exception != now.exception:
        yield Verdict(False, f"ended with {now.exception or 'no exception'}, not {was.exception or 'with none'}")
    if [test.name for test in was.tests] != [test.name for test in now.tests]:
        yield Verdict(False, "other tests ran")
    yield judge(old.stdout, new.stdout, tolerance)
    yield from _drawn(old, new, tolerance)
    yield _about("what it reports differs", judge(_canonical(was.result), _canonical(now.result), tolerance))
    yield _about("the message of its exception differs", judge(was.error, now.error, tolerance))


def _drawn(old: FrozenCell, new: FrozenCell, tolerance: Tolerance) -> Iterator[Verdict]:
    names, others = ([drawing.name for drawing in each.drawings] for each in (old, new))
    if names != others:
        yield Verdict(False, f"drew {', '.join(others) or 'nothing'}, not {', '.join(names) or 'nothing'}")
        return
    for left, right in zip(old.drawings, new.drawings, strict=True):
        yield _about(f"drawing {left.name}", judge_drawing(left.svg, right.svg, tolerance))


def _about(what: str, verdict: Verdict) -> Verdict:
    return verdict if verdict.same else Verdict(False, f"{what}: {verdict.diff}")


def _canonical(result: Any) -> str:
    return json.dumps(result, ensure_ascii=False, sort_keys=True)
