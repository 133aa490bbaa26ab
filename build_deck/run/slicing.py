"""Which lines of a process its asserts depend on: names that an assert reads, and what those are made of."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from build_deck.run.edits import is_assert_call

Place = tuple[str, int]
"""Cell and line within it, from 1."""
DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


def claimed_lines(sources: Iterable[tuple[str, str]]) -> frozenset[Place]:
    """Lines, by cell, of the statements whose values reach an assert or a test of these cells, without those alone.

    A function that asserts something has code of its own and counts whole. Names alone decide, in whatever order: too
    much rather than too little. Cells that do not parse have no lines.
    """
    statements = [(cell, each) for cell, text in sources for each in _statements(text)]
    wanted = {name for _, each in statements if _claims(each) for name in _reads(each)}
    wanted |= {each.name for _, each in statements if isinstance(each, DEFINITIONS) and _asserts_within(each)}
    while True:
        used = [(cell, each) for cell, each in statements if not _claims(each) and _writes(each) & wanted]
        more = {name for _, each in used for name in _reads(each)} - wanted
        if not more:
            return frozenset((cell, line) for cell, each in used for line in _lines(each))
        wanted |= more


def _statements(text: str) -> Iterator[ast.stmt]:
    """Top-level statements, with the bodies of loops, branches and `with` in place of these."""
    try:
        pending: list[ast.stmt] = ast.parse(text).body
    except SyntaxError:
        return
    while pending:
        statement = pending.pop(0)
        yield statement
        if not isinstance(statement, DEFINITIONS):
            branches = (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ()))
            for block in ("body", "orelse", "finalbody"):
                pending += getattr(statement, block, [])
            pending += (each for branch in branches for each in branch.body)


def _claims(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.FunctionDef):
        return statement.name.startswith("test_")
    return isinstance(statement, ast.Assert) or (isinstance(statement, ast.Expr) and is_assert_call(statement.value))


def _asserts_within(statement: ast.stmt) -> bool:
    inner = (node for node in ast.walk(statement) if isinstance(node, ast.stmt) and node is not statement)
    return not _claims(statement) and any(_claims(each) for each in inner)


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without the blocks that are statements of their own; a definition is whole."""
    if isinstance(statement, DEFINITIONS):
        yield from ast.walk(statement)
        return
    for name, value in ast.iter_fields(statement):
        if name not in ("body", "orelse", "finalbody", "handlers", "cases"):
            for node in value if isinstance(value, list) else [value]:
                if isinstance(node, ast.AST):
                    yield from ast.walk(node)


def _reads(statement: ast.stmt) -> set[str]:
    return {node.id for node in _own(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _writes(statement: ast.stmt) -> set[str]:
    """Names that the statement binds, or changes through an attribute, an item or a method."""
    if isinstance(statement, DEFINITIONS):
        return {statement.name}
    names = {node.id for node in _own(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in _own(statement):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            names |= _root(node)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        names |= _root(statement.value.func)
    return names


def _root(node: ast.expr) -> set[str]:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _lines(statement: ast.stmt) -> Iterator[int]:
    nodes = [node for node in _own(statement) if hasattr(node, "lineno")]
    for node in nodes:
        yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)  # type: ignore[attr-defined]
