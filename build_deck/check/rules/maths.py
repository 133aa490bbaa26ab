"""C401 to C404: formulas whose delimiters a renderer would read differently from their author."""

from __future__ import annotations

import re
from collections.abc import Iterator

from build_deck.check.visible import HAN, Formula, Visible, proses, visible
from build_deck.model.card import Card
from build_deck.model.problem import Problem

_TEXT = re.compile(r"\\(?:text|mathrm|textbf|textit|operatorname|mbox|tag)\*?\s*\{[^{}]*\}")
_HAN = re.compile(f"[{HAN}，。；：！？、（）]")
_LEFT_RIGHT = re.compile(r"\\(left|right)(?![A-Za-z])")


def rule(card: Card) -> Iterator[Problem]:
    """Every `$` has its partner, no Chinese and no price between them, braces in balance."""
    for prose in proses(card):
        if "$" not in prose.text:
            continue
        seen = visible(prose)
        for offset in seen.lone:
            hint = "close the formula, or write `\\$` for the sign itself"
            yield Problem(code="C401", span=seen.place(offset), text="`$` without a partner", hint=hint)
        for formula in seen.formulas:
            yield from _formula(seen, formula)


def _formula(seen: Visible, formula: Formula) -> Iterator[Problem]:
    outside = _TEXT.sub(lambda match: " " * len(match[0]), formula.body)
    han = _HAN.search(outside)
    text = seen.prose.text
    if han:
        hint = "put it in \\text{…}; is one of the `$` around it meant as `\\$`?"
        place = seen.place(formula.body_start + han.start())
        yield Problem(code="C402", span=place, text=f"`{han[0]}` inside a formula", hint=hint)
    elif text[formula.end : formula.end + 1].isdigit() or text[max(0, formula.start - 1) : formula.start].isdigit():
        hint = "write `\\$` for money, or a space between the formula and the number"
        yield Problem(code="C403", span=seen.place(formula.start), text="a digit right beside `$`", hint=hint)
    elif formula.body[0].isdigit() and formula.body[-1].isspace():
        text, hint = "`$` before a price reads as a formula", "write `\\$`, or no space before the closing `$`"
        yield Problem(code="C403", span=seen.place(formula.start), text=text, hint=hint)
    if not _balanced(formula.body):
        text, hint = "braces or \\left … \\right are not in balance", "count `{` and `}`"
        yield Problem(code="C404", span=seen.place(formula.start), text=text, hint=hint)


def _balanced(body: str) -> bool:
    depth = 0
    for brace in re.findall(r"\\.|[{}]", body, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    sides = _LEFT_RIGHT.findall(body)
    return depth == 0 and sides.count("left") == sides.count("right")
