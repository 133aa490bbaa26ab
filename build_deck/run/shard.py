"""Split a plan over jobs that share nothing, the same way on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from build_deck.model.card import Card
from build_deck.model.corpus import Corpus
from build_deck.run.freeze import read
from build_deck.run.fresh import mutants
from build_deck.run.ground import Ground
from build_deck.run.plan import Plan, seconds
from build_deck.run.process import processes

FLOOR = 0.05
"""Seconds that a card takes beyond its cells."""


def shard(plan: Plan, corpus: Corpus, ground: Ground, index: int, count: int) -> Plan:
    """Part `index` (from 1) of `count`: whole cards, longest first onto the emptiest shard.

    Every card of the deck that has processes is dealt, by what is recorded in the tree, whatever of it is stale or can
    run here: machines that have different things at hand deal the same. Faults that show without running are
    everybody's and stay. Raises ValueError for an index outside 1…count.
    """
    if not 1 <= index <= count:
        raise ValueError(f"shard {index}/{count}: the first number counts from 1 to the second")
    mine = _deal({card.id or "": _cost(card, ground) for card in corpus.cards if processes(card)}, count)[index - 1]
    tasks, believed = (
        tuple(task for task in each if task.process.card in mine) for each in (plan.tasks, plan.believed)
    )
    return replace(plan, tasks=tasks, believed=believed)


def _cost(card: Card, ground: Ground) -> float:
    frozen = read(card.id or "", ground)
    runs = ((process, 1 + len(mutants(card, process))) for process in processes(card))
    return FLOOR + sum(seconds(process, frozen) * times for process, times in runs)


def _deal(costs: Mapping[str, float], count: int) -> list[set[str]]:
    shards: list[set[str]] = [set() for _ in range(count)]
    loads = [0.0] * count
    for card in sorted(costs, key=lambda card: (-costs[card], card)):
        least = loads.index(min(loads))
        shards[least].add(card)
        loads[least] += costs[card]
    return shards
