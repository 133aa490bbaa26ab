"""C501, C502: ids that a card mentions exist."""

from __future__ import annotations

from collections.abc import Iterator

from build_deck.check.scope import Deck, place_of
from build_deck.model.problem import Problem, Severity


def rule(deck: Deck) -> Iterator[Problem]:
    """`related=` and `use=` name other cards; a card that the deck's table plans may be named before it is written."""
    cards = deck.corpus.cards
    known = {card.id for card in cards} | {item.id for card in cards for item in card.follow_ups}
    planned = {card for section in deck.corpus.sections for _, listed in section.topics for card in listed}
    for card in cards:
        for attribute, name in (
            *(("related", name) for name in card.related),
            *((("use", card.use),) if card.use else ()),
        ):
            span = place_of(card, attribute)
            if name == card.id:
                yield Problem(
                    code="C502", span=span, text=f"{attribute}={name} names the card itself", hint="delete it"
                )
            elif name not in known:
                severity = Severity.WARNING if attribute == "related" and name in planned else Severity.ERROR
                state = "is planned and not written yet" if name in planned else "does not exist"
                text, hint = f"{attribute}={name}: that card {state}", "look the id up in source/deck.yaml"
                yield Problem(code="C501", span=span, text=text, hint=hint, severity=severity)
