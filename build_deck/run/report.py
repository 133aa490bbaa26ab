"""What a run or a verification did, as plain data for `--json`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from build_deck.model.problem import Problem
from build_deck.run.execute import Finished
from build_deck.run.survey import Survey

FORMAT = 1


def report(finished: Iterable[Finished], problems: Iterable[Problem], surveys: Iterable[Survey] = ()) -> dict[str, Any]:
    """Per process: what ran, for how long, with which verdicts; then all problems, and survivors if sought."""
    ended = sorted(finished, key=lambda each: (each.task.process.card, each.task.process.name))
    everything = [*problems, *(problem for each in ended for problem in each.problems)]
    return {
        "format": FORMAT,
        "processes": [_process(each) for each in ended],
        "mutants": {"killed": sum(each.mutants[0] for each in ended), "tried": sum(each.mutants[1] for each in ended)},
        "stubs": {"failed": sum(each.stubs[0] for each in ended), "tried": sum(each.stubs[1] for each in ended)},
        "problems": [_problem(each) for each in sorted(everything, key=lambda each: (each.span, each.code))],
        "surveys": [_survey(each) for each in sorted(surveys, key=lambda each: each.card)],
    }


def _process(each: Finished) -> dict[str, Any]:
    process = each.task.process
    cells = [
        {"cell": outcome.cell, "status": outcome.status, "seconds": outcome.seconds, "peak_mib": outcome.peak_mib}
        for outcome in each.outcomes
    ]
    return {
        "card": process.card, "process": process.name, "env": process.env, "why": each.task.why, "cells": cells,
        "mutants": {"killed": each.mutants[0], "tried": each.mutants[1]}, "seconds": round(each.seconds, 3),
        "wrote": each.wrote, "problems": len(each.problems),
    }  # fmt: skip


def _problem(problem: Problem) -> dict[str, Any]:
    span = problem.span
    return {
        "code": problem.code, "severity": problem.severity.value, "path": span.path, "line": span.line,
        "column": span.col, "text": problem.text, "hint": problem.hint,
    }  # fmt: skip


def _survey(survey: Survey) -> dict[str, Any]:
    survivors = [
        {"path": each.span.path, "line": each.span.line, "kind": each.kind, "before": each.before,
         "after": each.after, "visible": each.visible}
        for each in survey.survivors
    ]  # fmt: skip
    counts = {"possible": survey.possible, "tried": survey.tried, "killed": survey.killed, "crashed": survey.crashed}
    return {"card": survey.card, **counts, "survivors": survivors}
