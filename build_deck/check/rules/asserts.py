"""C701, C703: code that cannot fail proves nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from build_deck.model.card import Card, Role
from build_deck.model.problem import Problem, Severity

_ASSERT = re.compile(r"^[^#\n]*\bassert(?:\b|_)", re.MULTILINE)
_TEST = re.compile(r"^(?:def|class)[ \t]+[Tt]est", re.MULTILINE)


def rule(card: Card) -> Iterator[Problem]:
    """A Python cell asserts, is meant to raise, or only draws what another has proved; a block of tests has a test."""
    cells = [cell for cell in card.cells if cell.language == "python"] if card.id else []
    proved = any(cell.role is Role.CELL and _ASSERT.search(cell.source) for cell in cells)
    for cell in cells:
        drawn = cell.figure is not None and proved
        if cell.role is Role.CELL and not cell.raises and not drawn and not _ASSERT.search(cell.source):
            text, hint = f"cell `{cell.id}` has no assert", "assert what the answer claims"
            yield Problem(code="C701", span=cell.span, text=text, hint=hint, severity=Severity.WARNING)
        if cell.role in (Role.TESTS, Role.HIDDEN_TESTS) and not _TEST.search(cell.source):
            text, hint = "a block of tests without a test", "define functions named test_…"
            yield Problem(code="C703", span=cell.span, text=text, hint=hint)
