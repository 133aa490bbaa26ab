"""Split a plan over jobs that share nothing, and put their frozen outcomes together again."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from build_deck.model.problem import Problem
from build_deck.model.span import Span
from build_deck.run.freeze import NAME, read
from build_deck.run.ground import Ground
from build_deck.run.plan import Plan, Task, cost


def shard(plan: Plan, ground: Ground, index: int, count: int) -> Plan:
    """Part `index` (from 1) of `count`: whole cards, longest first onto the emptiest shard, the same on every machine.

    Faults that show without running are everybody's and stay. Raises ValueError for an index outside 1…count.
    """
    if not 1 <= index <= count:
        raise ValueError(f"shard {index}/{count}: the first number counts from 1 to the second")
    cards: dict[str, list[Task]] = {}
    for task in plan.tasks:
        cards.setdefault(task.process.card, []).append(task)
    costs = {card: sum(cost(task, read(card, ground)) for task in tasks) for card, tasks in cards.items()}
    mine = _deal(costs, count)[index - 1]
    return replace(plan, tasks=tuple(task for task in plan.tasks if task.process.card in mine))


def merge(roots: Sequence[Path], ground: Ground) -> tuple[Problem, ...]:
    """Take over every card that one of the checkouts at `roots` recorded anew; a problem where two did, differently."""
    problems: list[Problem] = []
    ours = ground.root / "figures"
    for card in sorted({path.parent.name for root in roots for path in (root / "figures").glob(f"*/{NAME}")}):
        known = _record(ours / card)
        found = {text: root / "figures" / card for root in roots if (text := _record(root / "figures" / card))}
        found.pop(known, None)
        sound = [folder for folder in found.values() if not read(card, replace(ground, root=folder.parents[1])).damage]
        if len(sound) == 1:
            shutil.rmtree(ours / card, ignore_errors=True)
            shutil.copytree(sound[0], ours / card, symlinks=True)
        elif found:
            text = f"{len(found)} shards recorded {card}, {len(sound)} of them soundly and differently"
            problems.append(Problem(code="R015", span=Span(f"figures/{card}/{NAME}", 1), text=text))
    return tuple(problems)


def _deal(costs: Mapping[str, float], count: int) -> list[set[str]]:
    shards: list[set[str]] = [set() for _ in range(count)]
    loads = [0.0] * count
    for card in sorted(costs, key=lambda card: (-costs[card], card)):
        least = loads.index(min(loads))
        shards[least].add(card)
        loads[least] += costs[card] + 0.05
    return shards


def _record(folder: Path) -> str:
    path = folder / NAME
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
