"""Cells that need what this machine lacks: out as one file for a machine with Python and torch, back as records.

The file carries the engine and the jobs. What comes back is believed as far as it names this tree's code: a record
whose keys are not those of today is refused, and so is one that somebody changed. Whether the machine told the truth
cannot be known here; review and the badge, which names the device, stand for that.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import textwrap
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from build_deck.cells.protocol import Outcome, Toolchain, outcome_from
from build_deck.cells.records import FORMAT, digest
from build_deck.model.corpus import Corpus
from build_deck.model.problem import Problem
from build_deck.model.span import Span
from build_deck.run.freeze import read, write
from build_deck.run.ground import Ground
from build_deck.run.order import Report, order
from build_deck.run.plan import Task, every_task, faults
from build_deck.run.process import LANGUAGES
from build_deck.run.record import NAME
from build_deck.run.settle import Policy, settle

CELLS = Path(__file__).resolve().parent.parent / "cells"
PROGRAM = '''#!/usr/bin/env python3
"""Cells of a ProofDeck, to be run where there is a GPU. Needs Python 3.9 and torch, and nothing of the network.

    python bundle.py > records.json

{contents}
The engine and the jobs are in DATA: JSON, deflated, in base64.
"""

import base64
import json
import os
import sys
import tempfile
import zlib

DATA = """
{data}
"""


def main():
    data = json.loads(zlib.decompress(base64.b64decode(DATA)))
    with tempfile.TemporaryDirectory(prefix="proofdeck-") as folder:
        for name, text in data["modules"].items():
            path = os.path.join(folder, "proofdeck_cells", *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
        sys.path.insert(0, folder)
        from proofdeck_cells.box import perform

        return perform(data["orders"], sys.stdout, sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The file, and what is in it."""

    program: str
    tasks: tuple[Task, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was taken over."""

    tasks: tuple[Task, ...]
    wrote: int
    """Cards whose frozen files changed."""
    problems: tuple[Problem, ...]


def export(
    corpus: Corpus, ground: Ground, need: str, cards: frozenset[str] = frozenset(), *, everything: bool = False
) -> Bundle:
    """The processes that have a cell with `needs=need` and no valid record; with `everything`, the others too."""
    found = (task for task in every_task(corpus, ground) if any(need in cell.needs for cell in task.process.own))
    stale = (task for task in found if everything or task.why)
    wanted = tuple(task for task in stale if not cards or task.process.card in cards)
    problems = tuple(problem for task in wanted for problem in (*faults(task.process, ground), *_unfit(task)))
    if problems:
        return Bundle(program="", tasks=wanted, problems=problems)
    contents = "\n".join(f"- {task.process.card}: {', '.join(_names(task))}" for task in wanted)
    data = {"modules": _modules(), "orders": [_order(task, ground) for task in wanted]}
    packed = base64.b64encode(zlib.compress(json.dumps(data, sort_keys=True).encode(), 9)).decode()
    lines = "\n".join(textwrap.wrap(packed, 120))
    return Bundle(program=PROGRAM.format(contents=contents, data=lines), tasks=wanted, problems=problems)


def take(text: str, path: str, corpus: Corpus, ground: Ground) -> Imported:
    """Freeze what a bundle's run has written; `path` is where it was read. What is not this tree's is a problem."""
    known = {(task.process.card, task.process.name): task for task in every_task(corpus, ground)}
    taken: list[Task] = []
    problems: list[Problem] = []
    wrote = 0
    for told in _records(text, path, problems):
        name = f"{told.get('card')}/{told.get('process')}"
        task = known.get((str(told.get("card")), str(told.get("process"))))
        found = _report(told, task, problems, Span(path, 1), name)
        if task is None or found is None:
            continue
        before = read(task.process.card, ground)
        policy = Policy(accept=frozenset({task.process.card}))
        settled = settle(task, found, before, ground.requirements.get(task.process.env, ""), policy)
        problems += settled.problems
        wrote += settled.frozen != before and write(settled.frozen, before, ground)
        taken.append(task)
    return Imported(tasks=tuple(taken), wrote=wrote, problems=tuple(problems))


def _names(task: Task) -> Iterator[str]:
    return (cell.id for cell in task.process.own)


def _unfit(task: Task) -> Iterator[Problem]:
    for cell in task.process.cells:
        if cell.language not in LANGUAGES:
            text = f"cell {cell.id} is {cell.language}, which nothing runs there"
            yield Problem(code="R017", span=cell.span, text=text)
        if cell.figure is not None:
            text, hint = (
                f"cell {cell.id} draws, and figures are drawn here",
                "report(…) numbers, draw them in another cell",
            )
            yield Problem(code="R017", span=cell.span, text=text, hint=hint)


def _modules() -> dict[str, str]:
    files = (path for kind in ("*.py", "*.h") for path in CELLS.rglob(kind))
    return {path.relative_to(CELLS).as_posix(): path.read_text(encoding="utf-8") for path in sorted(files)}


def _order(task: Task, ground: Ground) -> dict[str, Any]:
    made = order(replace(task, why=task.why or "exported"), ground)
    assert made.cells is not None
    return {
        "card": task.process.card, "process": task.process.name, "keys": dict(task.keys),
        "cells": dataclasses.asdict(made.cells),
        "mutants": [[name, dataclasses.asdict(job)] for name, job in made.mutants],
    }  # fmt: skip


def _records(text: str, path: str, problems: list[Problem]) -> Iterable[dict[str, Any]]:
    try:
        body = json.loads(text)
        told = body.pop("digest")
        if (
            told == digest(body)
            and body["format"] == FORMAT
            and all(isinstance(each, dict) for each in body["records"])
        ):
            return list(body["records"])
        problems.append(_refused(Span(path, 1), "the records were changed after they were written"))
    except (ValueError, KeyError, TypeError, AttributeError):
        problems.append(_refused(Span(path, 1), "this is not what a bundle writes"))
    return []


def _report(told: dict[str, Any], task: Task | None, problems: list[Problem], span: Span, name: str) -> Report | None:
    """What the records say about one process; None, with a problem, when it is not about this tree."""
    if task is None:
        problems.append(_refused(span, f"{name}: this deck has no such process"))
        return None
    if told.get("keys") != dict(task.keys):
        problems.append(_refused(task.process.own[0].span, f"{name} was recorded from other code: export it again"))
        return None
    try:
        cells = _outcomes(told["cells"], [cell.id for cell in task.process.cells])
        mutants = tuple((str(of), _outcomes(ended, None)) for of, ended in told["mutants"])
        if not {of for of, _ in mutants} <= {each.name for each in task.mutants}:
            raise ValueError("unknown mutants")
        return Report(toolchain=_toolchain(told["toolchain"]), cells=cells, mutants=mutants)
    except (ValueError, KeyError, TypeError, AttributeError):
        problems.append(_refused(span, f"{name}: its outcomes are not those of its cells"))
        return None


def _toolchain(data: dict[str, Any]) -> Toolchain:
    packages = {str(name): str(version) for name, version in data.get("packages", {}).items()}
    return Toolchain(**{name: str(value) for name, value in data.items() if name != "packages"}, packages=packages)


def _outcomes(data: Any, cells: list[str] | None) -> tuple[Outcome, ...]:
    found = tuple(outcome_from(each) for each in data)
    if cells is not None and [each.cell for each in found] != cells:
        raise ValueError("other cells")
    if not all(NAME.fullmatch(drawing.name) for each in found for drawing in each.drawings):
        raise ValueError("a name that is no file name")
    return found


def _refused(span: Span, text: str) -> Problem:
    return Problem(code="R016", span=span, text=text)
