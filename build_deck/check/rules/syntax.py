"""C702: Python that cannot be compiled, found before anything is started."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import replace

from build_deck.model.card import Card, Role
from build_deck.model.problem import Problem


def rule(card: Card) -> Iterator[Problem]:
    """Every Python fence that will be run compiles; the place is the file's own line."""
    for cell in card.cells:
        if cell.language != "python" or cell.role is Role.STATIC:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(cell.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
            line = (getattr(fault, "lineno", None) or 1) - 1
            col = (getattr(fault, "offset", None) or 1) - 1
            span = replace(cell.span, line=cell.span.line + line, col=cell.span.col + max(0, col), end_line=0)
            text = f"Python cannot read this: {getattr(fault, 'msg', None) or fault}"
            yield Problem(code="C702", span=span, text=text, hint="mend it, or mark the fence .static")
