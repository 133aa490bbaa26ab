"""C203, C206, C207: an answer is backed by code that ran, and the code by a mutant that fails."""

from __future__ import annotations

from collections.abc import Iterator

from build_deck.model.card import Card, Kind, Role
from build_deck.model.problem import Problem, Severity

_RUN = (Role.CELL, Role.SOLUTION)
_NEEDS_CODE = (Kind.CALCULATION, Kind.CODE)


def rule(card: Card) -> Iterator[Problem]:
    """Runnable code has a mutant, kinds that promise code have some, code that is not run says why."""
    for cell in card.cells:
        if cell.role is Role.STATIC and not cell.why:
            hint = '{.static why="…"}; the reason stands on the card'
            yield Problem(code="C207", span=cell.span, text="code that is not run gives no reason", hint=hint)
    if card.id is None:
        return
    run = [cell for cell in card.cells if cell.role in _RUN]
    if run and not card.mutants:
        text, hint = "no mutant: nothing shows that the code can fail", "add a ```diff {.mutant of=cell} fence"
        yield Problem(code="C203", span=run[0].span, text=text, hint=hint, severity=Severity.WARNING)
    if card.kind in _NEEDS_CODE and not run:
        text, hint = f"kind={card.kind} without code that runs", "add a ```python {#id} fence under 代码"
        yield Problem(code="C206", span=card.question.span, text=text, hint=hint, severity=Severity.WARNING)
