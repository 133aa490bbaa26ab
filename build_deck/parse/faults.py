"""Collects what is wrong with one file while it is read; knows no rule itself."""

from __future__ import annotations

from build_deck.model.problem import Problem, Severity
from build_deck.model.span import Span


class Faults:
    """A growing list of problems; `found` hands them out in source order."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def error(self, code: str, span: Span, text: str, hint: str = "") -> None:
        """Note a fault that stops a build."""
        self._found.append(Problem(code=code, span=span, text=text, hint=hint))

    def warning(self, code: str, span: Span, text: str, hint: str = "") -> None:
        """Note a fault that is only printed."""
        self._found.append(Problem(code=code, span=span, text=text, hint=hint, severity=Severity.WARNING))

    def found(self) -> tuple[Problem, ...]:
        """Everything noted so far, by place; equal places keep the order in which they were noted."""
        return tuple(sorted(self._found, key=lambda problem: (problem.span.line, problem.span.col)))
