"""Snippets in, outcomes out."""

from __future__ import annotations

from typing import Any

from build_deck.cells.protocol import Job, Limits, Outcome, Snippet
from build_deck.cells.runner import Engine, outcomes

PATH = "source/demo/topic.md"


def snippet(name: str, source: str, line: int = 10, **attributes: Any) -> Snippet:
    return Snippet(name, source, PATH, line, **attributes)


class Cells:
    """Runs snippets as one job and gives their outcomes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, *snippets: Snippet | str, limits: Limits | None = None, **extra: Any) -> tuple[Outcome, ...]:
        named = (each if isinstance(each, Snippet) else snippet(f"c{at}", each) for at, each in enumerate(snippets))
        return outcomes(self.engine.run(Job("a-card", tuple(named), limits or Limits(), **extra)))

    def one(self, source: str, limits: Limits | None = None, **attributes: Any) -> Outcome:
        return self(snippet("cell", source, **attributes), limits=limits)[0]
