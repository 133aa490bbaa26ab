"""C601, C602: Chinese text as it is set: a space beside Latin letters and digits, full-width punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from build_deck.check.visible import HAN, proses, visible
from build_deck.model.card import Card
from build_deck.model.problem import Problem, Severity

_TIGHT = re.compile(rf"(?<=[{HAN}])[A-Za-z0-9]|(?<=[A-Za-z0-9%])[{HAN}]")
_HALF_WIDTH = re.compile(rf"(?<=[{HAN}])[,;:?!](?=[{HAN}\s]|$)", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[!-~]+|\]\([^)\n]*\)")


def rule(card: Card) -> Iterator[Problem]:
    """One warning for each piece of text and rule, at the first place."""
    for prose in proses(card):
        seen = visible(prose)
        text = _ADDRESS.sub(lambda match: " " * len(match[0]), seen.text)
        for code, pattern, what, hint in (
            ("C601", _TIGHT, "no space between Chinese and Latin", "set a space between them"),
            ("C602", _HALF_WIDTH, "half-width punctuation behind Chinese", "use ，；：？！"),
        ):
            found = [match.start() for match in pattern.finditer(text) if not _in_call(text, match.start())]
            if found:
                count = f" ({len(found)} places)" if len(found) > 1 else ""
                place = seen.place(found[0])
                yield Problem(code=code, span=place, text=what + count, hint=hint, severity=Severity.WARNING)


def _in_call(text: str, offset: int) -> bool:
    """Whether a punctuation mark parts the arguments of `max(甲, 乙)`, written like a function."""
    before = text[text.rfind("\n", 0, offset) + 1 : offset]
    return text[offset] == "," and before.count("(") > before.count(")")
