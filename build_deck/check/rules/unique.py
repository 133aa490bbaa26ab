"""C101 to C104: an id is given once and for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from build_deck.check.scope import Deck, place_of
from build_deck.model.problem import Problem, Severity
from build_deck.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class _Identity:
    id: str
    was: str | None
    retired: bool
    span: Span
    was_span: Span


def rule(deck: Deck) -> Iterator[Problem]:
    """No two notes share an id or a first id; retired ids and former names are never given again."""
    owners: dict[str, _Identity] = {}
    first: dict[str, _Identity] = {}
    for item in _identities(deck):
        known = owners.setdefault(item.id, item)
        if known is not item:
            what = "the retired id" if known.retired or item.retired else "the id"
            code = "C102" if known.retired or item.retired else "C101"
            text = f"{what} `{item.id}` is given twice; first at {known.span}"
            yield Problem(code=code, span=item.span, text=text, hint="take an id that was never used")
        born = first.setdefault(item.was or item.id, item)
        if born is not item and (item.was or born.was):
            text = f"the first id `{item.was or item.id}` belongs to `{born.id}` already"
            span = item.was_span if item.was else item.span
            yield Problem(code="C103", span=span, text=text, hint="a former name is never given again")
        if item.was == item.id:
            text = f"was={item.was} names the id itself"
            yield Problem(code="C103", span=item.was_span, text=text, hint="delete it")
    yield from _retirements(deck)


def _identities(deck: Deck) -> Iterator[_Identity]:
    for card in deck.corpus.cards:
        if card.id is not None:
            yield _Identity(
                id=card.id,
                was=card.was,
                retired=card.retired is not None,
                span=place_of(card, "id"),
                was_span=place_of(card, "was"),
            )
        for item in card.follow_ups:
            if item.id is not None:
                span = item.id_span or item.span
                yield _Identity(id=item.id, was=item.was, retired=card.retired is not None, span=span, was_span=span)


def _retirements(deck: Deck) -> Iterator[Problem]:
    for card in deck.corpus.cards:
        if card.use and not card.retired:
            hint = "write retired=VERSION too"
            yield Problem(code="C104", span=place_of(card, "use"), text="use= without retired=", hint=hint)
        if card.retired and not card.use:
            text, hint = "a retired question names no successor", "write use=other-id if there is one"
            span = place_of(card, "retired")
            yield Problem(code="C104", span=span, text=text, hint=hint, severity=Severity.WARNING)
