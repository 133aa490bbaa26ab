"""Prose as a reader sees it: where code and formulas stand, and the text around them at its own columns.

Looks at delimiters only; it renders nothing and judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from build_deck.model.card import Card, Prose
from build_deck.model.span import Span

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
"""Character class of Chinese characters, punctuation left out."""

_SPAN = re.compile(
    r"\\."
    r"|(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\$\$(?P<display>.+?)\$\$"
    r"|\$(?P<math>(?:\\.|[^$\\])+)\$"
    r"|(?P<lone>\$+)",
    re.DOTALL,
)
_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|$))+")
_FENCE = re.compile(
    r"^[ \t]*(?:[-*+][ \t]+)?(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One `$…$` or `$$…$$`; offsets are into the prose's text."""

    start: int
    end: int
    body: str
    body_start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """A prose's text with code and formulas blanked out, and what was blanked."""

    prose: Prose
    text: str
    """As long as the prose's text; code and formulas are spaces."""
    formulas: tuple[Formula, ...]
    lone: tuple[int, ...]
    """Offsets of `$` that open nothing."""

    def place(self, offset: int) -> Span:
        """The source place of a character of the text."""
        before = self.prose.text[:offset]
        return self.prose.place(before.count("\n"), offset - before.rfind("\n") - 1)


def proses(card: Card) -> Iterator[Prose]:
    """Every piece of running text on the card."""
    yield card.question
    for item in card.fields:
        yield from (block for block in item.blocks if isinstance(block, Prose))
    for follow_up in card.follow_ups:
        yield from (prose for prose in (follow_up.question, follow_up.answer) if prose)
    for pitfall in card.pitfalls:
        yield from (prose for prose in (pitfall.wrong, pitfall.right) if prose)
    yield from card.ask_backs
    yield from card.references


def visible(prose: Prose) -> Visible:
    """Blank out code and formulas. A formula never reaches over a blank line."""
    text = prose.text
    if "`" not in text and "$" not in text and "~~~" not in text:
        return Visible(prose=prose, text=text, formulas=(), lone=())
    text = _FENCE.sub(lambda match: _blank(match[0]), text) if "```" in text or "~~~" in text else text
    formulas: list[Formula] = []
    lone: list[int] = []
    pieces: list[str] = []
    position = 0
    for paragraph in _PARAGRAPH.finditer(text):
        for match in _SPAN.finditer(text, paragraph.start(), paragraph.end()):
            kind = match.lastgroup
            if kind in ("display", "math"):
                body = Formula(start=match.start(), end=match.end(), body=match[kind], body_start=match.start(kind))
                formulas.append(body)
            elif kind == "lone":
                lone.append(match.start())
            if kind is not None:
                pieces += [text[position : match.start()], _blank(match[0])]
                position = match.end()
    pieces.append(text[position:])
    return Visible(prose=prose, text="".join(pieces), formulas=tuple(formulas), lone=tuple(lone))


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
