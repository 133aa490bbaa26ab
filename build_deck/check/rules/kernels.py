"""C704: bfloat16 under Triton's interpreter, which computes garbage with it and says nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from build_deck.model.card import Card, Cell, Role
from build_deck.model.problem import Problem


def rule(card: Card) -> Iterator[Problem]:
    """A Triton cell that runs without a GPU converts what it loads to float32 at once, if any of it is bfloat16."""
    for cell in card.cells:
        if cell.language == "python" and cell.role is not Role.STATIC and "cuda" not in cell.needs:
            yield from _raw_loads(cell)


def _raw_loads(cell: Cell) -> Iterator[Problem]:
    if "triton" not in cell.source or "bfloat16" not in cell.source:
        return
    try:
        nodes = list(ast.walk(ast.parse(cell.source)))
    except SyntaxError:
        return
    if not any(_name(node) == "bfloat16" for node in nodes):
        return
    converted = {id(node.func.value) for node in nodes if _converts(node)}  # type: ignore[attr-defined]
    for node in nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "tl.load" and id(node) not in converted:
            span = replace(cell.span, line=cell.span.line + node.lineno - 1, col=cell.span.col + node.col_offset)
            text = "the interpreter is silently wrong with bfloat16, and this load keeps it"
            hint = "write tl.load(…).to(tl.float32), or needs=cuda if the cell is for a GPU alone"
            yield Problem(code="C704", span=replace(span, end_line=0), text=text, hint=hint)


def _converts(node: ast.AST) -> bool:
    """Whether it is `….to(tl.float32)`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "to"
        and [ast.unparse(each) for each in node.args] == ["tl.float32"]
    )


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
