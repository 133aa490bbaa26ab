"""C301 to C305: what can be said in half a minute, learnt as one thing and read on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from build_deck.check.visible import HAN, visible
from build_deck.model.card import Card, Label, Part, Prose, Role
from build_deck.model.problem import Problem, Severity

_ANSWER = 150
_POINTS = 5
_FOLLOW_UPS = range(2, 5)
_PITFALLS = 3
_CODE_LINES = 40

_HAN = re.compile(f"[{HAN}]")
_POINT = re.compile(r"^(?:[-*+]|\d{1,3}[.)])[ \t]+\S", re.MULTILINE)
_SHOWN = (Role.CELL, Role.STATIC, Role.STUB, Role.SOLUTION, Role.TESTS)


def rule(card: Card) -> Iterator[Problem]:
    """The caps; the numbers of 追问 are looked at only where a card has an id."""
    yield from _answer(card)
    if card.id is not None and len(card.follow_ups) not in _FOLLOW_UPS:
        field = card.labelled(Label.FOLLOW_UPS)
        span = field.span if field else card.question.span
        text, hint = f"{len(card.follow_ups)} 追问", "an interviewer asks 2 to 4"
        yield Problem(code="C303", span=span, text=text, hint=hint, severity=Severity.WARNING)
    if len(card.pitfalls) > _PITFALLS:
        span, text = card.pitfalls[_PITFALLS].span, f"{len(card.pitfalls)} 坑位"
        yield Problem(code="C304", span=span, text=text, hint="keep the worst 3", severity=Severity.WARNING)
    for cell in card.cells:
        lines = sum(part.source.count("\n") + 1 for part in cell.parts if part.part is Part.SHOW)
        if cell.role in _SHOWN and lines > _CODE_LINES:
            text, hint = (
                f"{lines} visible lines of code",
                f"at most {_CODE_LINES}; part it, or use `#| hide` and `#| check`",
            )
            yield Problem(code="C305", span=cell.span, text=text, hint=hint)


def _answer(card: Card) -> Iterator[Problem]:
    field = card.labelled(Label.ANSWER)
    blocks = [block for block in field.blocks if isinstance(block, Prose)] if field else []
    texts = [visible(block).text for block in blocks]
    han = sum(len(_HAN.findall(text)) for text in texts)
    points = sum(len(_POINT.findall(text)) for text in texts)
    if han > _ANSWER:
        hint = f"at most {_ANSWER} can be said in half a minute; move the rest to 展开"
        yield Problem(code="C301", span=blocks[0].span, text=f"标准答 has {han} 汉字", hint=hint)
    if points > _POINTS:
        text, hint = f"标准答 has {points} points", f"at most {_POINTS} can be learnt as one thing"
        yield Problem(code="C302", span=blocks[0].span, text=text, hint=hint)
