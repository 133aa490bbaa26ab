"""Cells of the corpus → frozen outcomes. Runs what is stale, judges it, keeps it under `figures/<card>/`."""

from __future__ import annotations

from build_deck.cells.runner import EngineError, SandboxError
from build_deck.run.evidence import card_evidence, load_evidence
from build_deck.run.execute import Finished, Options, execute
from build_deck.run.freeze import orphans, remove
from build_deck.run.ground import Ground
from build_deck.run.plan import Plan, Task, plan
from build_deck.run.settle import Policy

__all__ = [
    "EngineError", "Finished", "Ground", "Options", "Plan", "Policy", "SandboxError", "Task",
    "card_evidence", "execute", "load_evidence", "orphans", "plan", "remove",
]  # fmt: skip
