"""Cells of the corpus → frozen outcomes. Runs what is stale, judges it, keeps it under `figures/<card>/`."""

from __future__ import annotations

from build_deck.cells.runner import EngineError, SandboxError
from build_deck.run.belief import Belief, beliefs, in_words
from build_deck.run.bundle import Bundle, Imported, export, take
from build_deck.run.cluster import ClusterError, cluster
from build_deck.run.evidence import card_evidence, load_evidence
from build_deck.run.execute import Finished, Options, execute
from build_deck.run.freeze import orphans, remove
from build_deck.run.ground import Ground
from build_deck.run.merge import Merged, merge
from build_deck.run.plan import Plan, Task, plan, workers
from build_deck.run.report import report
from build_deck.run.schedule import EnginePool
from build_deck.run.settle import Policy
from build_deck.run.shard import shard
from build_deck.run.survey import Survey, Survivor, Unsurveyed, survey, unsurveyed

__all__ = [
    "Belief", "Bundle", "ClusterError", "EngineError", "EnginePool", "Finished", "Ground", "Imported", "Merged",
    "Options", "Plan", "Policy", "SandboxError", "Survey", "Survivor", "Task", "Unsurveyed", "beliefs",
    "card_evidence", "cluster", "execute", "export", "in_words", "load_evidence", "merge", "orphans", "plan", "remove",
    "report", "shard", "survey", "take", "unsurveyed", "workers",
]  # fmt: skip
