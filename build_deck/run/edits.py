"""One small slip in a cell's code, the ones that people make: where it is, and what stands there instead.

Sign, factor, transposed axis, off by one, comparison, constant; an operator may stand on a line of its own, or be
part of `+=`, and a constant may be a parameter's default. Never in an assert, in what is printed, plotted, seeded or
imported. A constant that is given a name by itself, as in `n = 8` or `for p in (1, 2)`, is the experiment's set-up:
another one is another experiment, not a mistake, so it stays as it is.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = {
    ast.Add: ("sign", "+", "-"), ast.Sub: ("sign", "-", "+"), ast.Mult: ("factor", "*", "/"),
    ast.Div: ("factor", "/", "*"), ast.FloorDiv: ("factor", "//", "*"),
}  # fmt: skip
COMPARISONS = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="),
}  # fmt: skip
AXES = ("dim", "axis", "dims")
TURNS = ("T", "mT", "H", "mH")
REDUCTIONS = ("sum", "mean", "softmax", "log_softmax", "amax", "amin", "cumsum", "argmax", "norm", "var", "std", "cat")
IGNORED = (
    "print", "manual_seed", "seed", "plot", "set", "legend", "savefig", "format", "subplots",
    "rand", "randn", "randint", "ones", "zeros", "empty", "full", "Generator",
)  # fmt: skip
"""Calls that show, or that make the experiment's data: other data is another experiment, not a mistake."""
CANVAS = ("plt", "ax", "axes", "fig", "figure")
SKIPPED = (ast.Assert, ast.Import, ast.ImportFrom, ast.JoinedStr)
NAMING = (ast.Assign, ast.AnnAssign, ast.For)

Place = tuple[int, int]
"""Line from 1, and character in it from 0."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` in place of what stands from `start` to `end`."""

    kind: str
    start: Place
    end: Place
    text: str


def edits(source: str) -> Iterator[Edit]:
    """Every slip in `source`, which is Python, in its order; none inside another."""
    text = _Text(source)
    seen: list[tuple[Place, Place]] = []
    for node in _changeable(ast.parse(source)):
        for edit in _of(node, text):
            if not any(first <= edit.start and edit.end <= last for first, last in seen):
                seen.append((edit.start, edit.end))
                yield edit


def applied(source: str, edit: Edit) -> str:
    """The source with the slip made."""
    lines = source.split("\n")
    offsets = [sum(len(text) + 1 for text in lines[: line - 1]) + column for line, column in (edit.start, edit.end)]
    return source[: offsets[0]] + edit.text + source[offsets[1] :]


class _Text:
    """Where things stand in a source, in characters: the parser counts bytes, and Chinese makes these more."""

    def __init__(self, source: str) -> None:
        self._lines = source.split("\n")
        self._tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))

    def start(self, node: ast.expr) -> Place:
        return self._place(node.lineno, node.col_offset)

    def end(self, node: ast.expr) -> Place:
        return self._place(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)

    def between(self, kind: str, left: ast.expr, right: ast.expr, change: tuple[str, str]) -> Iterator[Edit]:
        """Another operator between two operands, wherever they are broken over lines or set in brackets."""
        old, new = change
        first, last = self.end(left), self.start(right)
        for each in self._tokens:
            if first <= each.start and each.end <= last and each.string == old:
                yield Edit(kind, each.start, each.end, new)
                return

    def _place(self, line: int, column: int) -> Place:
        return line, len(self._lines[line - 1].encode()[:column].decode())


def _changeable(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes in source order, without those that only show, import, assert or set the experiment up."""
    for child in _children(tree):
        if isinstance(child, SKIPPED) or (isinstance(child, ast.Expr) and is_assert_call(child.value)):
            continue
        if isinstance(child, ast.Call) and (_called(child) in IGNORED or _painted(child)):
            continue
        if isinstance(child, ast.expr) and isinstance(tree, NAMING) and _literal(child):
            continue
        yield child
        yield from _changeable(child)


def _children(tree: ast.AST) -> Iterator[ast.AST]:
    if isinstance(tree, ast.arguments):
        yield from (default for default in (*tree.defaults, *tree.kw_defaults) if default is not None)
    else:
        yield from ast.iter_child_nodes(tree)


def _of(node: ast.AST, text: _Text) -> Iterator[Edit]:
    if isinstance(node, ast.BinOp | ast.AugAssign):
        kind, old, new = OPERATORS.get(type(node.op), ("", "", ""))
        if old and isinstance(node, ast.BinOp):
            yield from text.between(kind, node.left, node.right, (old, new))
        elif old and isinstance(node, ast.AugAssign):
            yield from text.between(kind, node.target, node.value, (f"{old}=", f"{new}="))
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
        yield from text.between("comparison", node.left, node.comparators[0], COMPARISONS[type(node.ops[0])])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield Edit("sign", text.start(node), text.start(node.operand), "")
    elif isinstance(node, ast.Attribute) and node.attr in TURNS and isinstance(node.ctx, ast.Load):
        yield Edit("transposed axis", text.end(node.value), text.end(node), "")
    elif isinstance(node, ast.Call):
        yield from _axis(node, text)
    elif isinstance(node, ast.Constant):
        yield from _constant(node, text)


def _axis(call: ast.Call, text: _Text) -> Iterator[Edit]:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "transpose" and len(call.args) == 2:
        yield Edit("transposed axis", text.end(call.func.value), text.end(call), "")
    named = [word.value for word in call.keywords if word.arg in AXES]
    placed = call.args[:1] if _called(call) in REDUCTIONS and isinstance(call.func, ast.Attribute) else []
    for axis in (*named, *placed):
        number = _integer(axis)
        if number is not None:
            yield Edit("transposed axis", text.start(axis), text.end(axis), "0" if number != 0 else "-1")


def _constant(node: ast.Constant, text: _Text) -> Iterator[Edit]:
    value = node.value
    if isinstance(value, bool):
        yield Edit("constant", text.start(node), text.end(node), str(not value))
    elif isinstance(value, int):
        yield Edit("off by one", text.start(node), text.end(node), str(value + 1))
    elif isinstance(value, float):
        yield Edit("constant", text.start(node), text.end(node), repr(value * 2 if value else 1.0))


def is_assert_call(node: ast.expr) -> bool:
    """Whether it is a call of some `assert_…`."""
    return isinstance(node, ast.Call) and _called(node).startswith("assert")


def _integer(node: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _painted(call: ast.Call) -> bool:
    node: ast.expr = call
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id.rstrip("0123456789") in CANVAS


def _literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return False
    return True


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
