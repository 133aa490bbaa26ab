"""Put together what shards froze in checkouts of their own: only what is this tree's, and never less than before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from build_deck.model.card import Card
from build_deck.model.corpus import Corpus
from build_deck.model.problem import Problem
from build_deck.model.span import Span
from build_deck.run import record as records
from build_deck.run.freeze import NAME, Frozen, read, write
from build_deck.run.fresh import fresh_part, overlaid, parts
from build_deck.run.ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What was taken over."""

    cards: tuple[str, ...]
    problems: tuple[Problem, ...]


def merge(roots: Sequence[Path], corpus: Corpus, ground: Ground) -> Merged:
    """Take over of the checkouts at `roots` what holds for this tree and differs from what is frozen here.

    Problems are two shards that say different things of one card, which is then left alone, a root from which there
    is nothing to take because it was lost or is another tree's, and every file of a root that is not as it was made.
    """
    cards = [card for card in corpus.cards if card.id is not None and card.cells]
    problems = [problem for root in roots for problem in (*_useless(root, cards, ground), *_torn(root, cards, ground))]
    taken: list[str] = []
    for card in cards:
        before = read(card.id or "", ground)
        offers = _offers(roots, card, before, ground)
        if len(offers) > 1:
            said = " and ".join(str(root) for root, _ in offers.values())
            problems.append(_problem(card, f"{card.id} is recorded differently in {said}"))
        for _, after in offers.values() if len(offers) == 1 else ():
            lost = _less(card, before, after, ground)
            problems += lost
            if not lost and write(after, before, ground):
                taken.append(card.id or "")
    return Merged(cards=tuple(taken), problems=tuple(problems))


def _offers(
    roots: Sequence[Path], card: Card, before: Frozen, ground: Ground
) -> dict[tuple[str, ...], tuple[Path, Frozen]]:
    """What would be frozen after each of the roots, taken alone, and differs from what is; equal ones once."""
    offers: dict[tuple[str, ...], tuple[Path, Frozen]] = {}
    for root in roots:
        after = overlaid(card, before, _fresh(card, replace(ground, root=root), ground))
        offers.setdefault(_content(after), (root, after))
    offers.pop(_content(before), None)
    return offers


def _content(frozen: Frozen) -> tuple[str, ...]:
    # a record vouches for its texts; those that are damaged are not among the cells
    return records.dump(frozen.record), *sorted(frozen.cells)


def _fresh(card: Card, there: Ground, here: Ground) -> Frozen:
    return fresh_part(card, read(card.id or "", there), here)


def _less(card: Card, before: Frozen, after: Frozen, ground: Ground) -> list[Problem]:
    """A problem when something that holds now would not hold any more, such as a figure of what was measured."""
    had, have = (set(parts(fresh_part(card, each, ground))) for each in (before, after))
    lost = ", ".join(sorted(had - have))
    return [_problem(card, f"what a shard recorded of {card.id} would make {lost} stale")] if lost else []


def _useless(root: Path, cards: Sequence[Card], ground: Ground) -> list[Problem]:
    there = replace(ground, root=root)
    span, hint = Span(f"{root}/figures", 1), "was its artifact lost?"
    if not any((root / "figures").glob(f"*/{NAME}")):
        return [Problem(code="R015", span=span, text="this shard has no record", hint=hint)]
    if any(any(parts(_fresh(card, there, ground))) for card in cards):
        return []
    hint = "shards are checkouts of this same tree"
    return [Problem(code="R015", span=span, text="no record of this shard is sound and of this tree", hint=hint)]


def _torn(root: Path, cards: Sequence[Card], ground: Ground) -> Iterator[Problem]:
    """A problem for each file in which a shard has lost what it made: that cannot be taken over."""
    there = replace(ground, root=root)
    text, hint = "damaged in this shard; what it recorded there was not taken over", "fetch or make the shard again"
    for card in cards:
        folder = there.figures(card.id or "")
        lost = (NAME,) if any(folder.glob("*.txt")) and not (folder / NAME).exists() else ()
        for name in (*read(card.id or "", there).damage, *lost):
            yield Problem(code="R004", span=Span(f"{folder}/{name}", 1), text=text, hint=hint)


def _problem(card: Card, text: str) -> Problem:
    return Problem(code="R015", span=Span(f"figures/{card.id}/{NAME}", 1), text=text)
