"""C204, C205: a kata has its three parts, and only a kata has them."""

from __future__ import annotations

from collections.abc import Iterator

from build_deck.model.card import Card, Kind, Role
from build_deck.model.problem import Problem

_PARTS = ((Role.STUB, "{.stub}"), (Role.SOLUTION, "{.solution}"), (Role.TESTS, "{.tests}"))


def rule(card: Card) -> Iterator[Problem]:
    """Exactly one stub, one solution and at least one block of tests that the learner sees."""
    if card.kind is not Kind.KATA:
        for cell in card.cells:
            if cell.role not in (Role.CELL, Role.STATIC):
                text = f"a {cell.role} fence on a card that is no kata"
                yield Problem(code="C205", span=cell.span, text=text, hint="write kind=kata on the question line")
        return
    for role, written in _PARTS:
        cells = [cell for cell in card.cells if cell.role is role]
        if not cells:
            hint = f"add a ```python {written} fence"
            yield Problem(code="C204", span=card.question.span, text=f"the kata has no {written}", hint=hint)
        for cell in cells[1:] if role is not Role.TESTS else ():
            text = f"the kata has a second {written}"
            yield Problem(code="C204", span=cell.span, text=text, hint="keep one")
