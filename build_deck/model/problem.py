"""Faults as values: every stage collects them, the command line prints them all and exits once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from build_deck.model.span import Span


class Severity(StrEnum):
    """An error stops the build; a warning is printed and the build goes on."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault: where, which rule, what is wrong, what to do."""

    code: str
    """Letter of the stage and three digits: P parse, C check, R run, D draw, H render, K pack."""
    span: Span
    text: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Format as `path:line:col: CODE text (hint)`, which editors can jump to."""
        return f"{self.span}: {self.code} {self.text}" + (f" ({self.hint})" if self.hint else "")


def errors(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Those problems that stop a build."""
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)
