"""What is believed from records, because this machine lacks what would execute it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from build_deck.run.fresh import mutants
from build_deck.run.ground import Ground
from build_deck.run.plan import Plan, lacking


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """One process whose records hold and which was not executed."""

    card: str
    process: str
    lacking: str
    """In words."""
    cells: int
    mutants: int
    """Whose verdicts are believed with it."""


def beliefs(plan: Plan, ground: Ground) -> tuple[Belief, ...]:
    """Every such process of `plan`."""
    return tuple(
        Belief(
            card=task.process.card, process=task.process.name, lacking=lacking(task.process, ground),
            cells=0 if task.process.is_stub else len(task.process.own),
            mutants=len(mutants(task.card, task.process)) - len(task.mutants),
        )
        for task in plan.believed
    )  # fmt: skip


def in_words(found: Iterable[Belief]) -> Iterator[str]:
    """A line for each thing that is lacking."""
    kinds: dict[str, list[Belief]] = {}
    for each in found:
        kinds.setdefault(each.lacking, []).append(each)
    for what, those in sorted(kinds.items()):
        cells, tried = sum(each.cells for each in those), sum(each.mutants for each in those)
        verdicts = f" and {tried} mutants" if tried else ""
        names = ", ".join(sorted({each.card for each in those}))
        yield f"{cells} cells{verdicts} believed from their records, not executed here ({what}): {names}"
