"""C201, C202: what every card needs, and what a follow-up that is a card of its own needs."""

from __future__ import annotations

from collections.abc import Iterator

from build_deck.model.card import Card, Label
from build_deck.model.problem import Problem, Severity


def rule(card: Card) -> Iterator[Problem]:
    """标准答 has text or code; 追问 are answered, promoted ones without exception."""
    answer = card.labelled(Label.ANSWER)
    if answer is None or not answer.blocks:
        span = answer.span if answer else card.question.span
        yield Problem(code="C201", span=span, text="no 标准答", hint="write `- 标准答：` under the question")
    for follow_up in card.follow_ups:
        if follow_up.answer is None:
            severity = Severity.ERROR if follow_up.id else Severity.WARNING
            hint = "write `问：… 答：…`"
            yield Problem(code="C202", span=follow_up.span, text="追问 without 答", hint=hint, severity=severity)
