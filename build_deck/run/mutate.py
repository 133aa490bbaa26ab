"""Mutants of our own making, to find asserts that are missing: one small slip each, the ones that people make.

Sign, factor, transposed axis, off by one, comparison, constant; only in lines that an assert depends on, never in
an assert, in what is printed, plotted, seeded or imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from build_deck.model.card import Cell, Role
from build_deck.run.process import TESTS, Process
from build_deck.run.slicing import claimed_lines

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One mutant: the cell, the line in it from 1, what kind of slip, and the process with it made."""

    cell: str
    line: int
    kind: str
    before: str
    after: str
    """The line as the author wrote it, and as it is now."""
    process: Process


@dataclass(frozen=True, slots=True)
class _Edit:
    kind: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


def slips(process: Process, limit: int) -> tuple[Slip, ...]:
    """At most `limit` mutants of a process, spread evenly over its lines; always the same ones."""
    cells = [cell for cell in process.cells if cell.language == "python"]
    claimed = claimed_lines((cell.id, cell.source) for cell in cells)
    found = []
    for cell in cells:
        if cell.role in TESTS or cell.role is Role.STUB:
            continue
        for edit in _edits(cell.source):
            if (cell.id, edit.start[0]) in claimed:
                found.append(_slip(process, cell, edit))
    step = max(1.0, len(found) / max(1, limit))
    return tuple(found[int(at * step)] for at in range(min(limit, len(found))))


def _slip(process: Process, cell: Cell, edit: _Edit) -> Slip:
    source = _apply(cell.source, edit)
    changed = tuple(replace(each, source=source) if each is cell else each for each in process.cells)
    line = edit.start[0]
    before, after = (text.splitlines()[line - 1].strip() for text in (cell.source, source))
    wrong = replace(process, cells=changed)
    return Slip(cell=cell.id, line=line, kind=edit.kind, before=before, after=after, process=wrong)


def _edits(source: str) -> Iterator[_Edit]:
    lines = source.splitlines(keepends=True)
    seen: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for node in _changeable(ast.parse(source)):
        for edit in _node_edits(node, source):
            start, end = (_characters(lines, place) for place in (edit.start, edit.end))
            placed = replace(edit, start=start, end=end)
            if not any(first <= start and end <= last for first, last in seen):
                seen.append((start, end))
                yield placed


def _changeable(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes in source order, without those that only show, import, assert or set the experiment up."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Assert | ast.Import | ast.ImportFrom | ast.JoinedStr | ast.arguments):
            continue
        if isinstance(child, ast.Call) and (_called(child) in IGNORED or _painted(child)):
            continue
        if isinstance(child, ast.expr) and isinstance(tree, ast.Assign | ast.For) and _literal(child):
            continue
        yield child
        yield from _changeable(child)


def _node_edits(node: ast.AST, source: str) -> Iterator[_Edit]:
    if isinstance(node, ast.BinOp):
        kind, old, new = OPERATORS.get(type(node.op), ("", "", ""))
        if old:
            yield from _between(kind, node.left, node.right, (old, new), source)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
        yield from _between("comparison", node.left, node.comparators[0], COMPARISONS[type(node.ops[0])], source)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield _Edit("sign", _start(node), _start(node.operand), "")
    elif isinstance(node, ast.Attribute) and node.attr in TURNS and isinstance(node.ctx, ast.Load):
        yield _Edit("transposed axis", _end(node.value), _end(node), "")
    elif isinstance(node, ast.Call):
        yield from _axis(node)
    elif isinstance(node, ast.Constant):
        yield from _constant(node)


def _axis(call: ast.Call) -> Iterator[_Edit]:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "transpose" and len(call.args) == 2:
        yield _Edit("transposed axis", _end(call.func.value), _end(call), "")
    named = [word.value for word in call.keywords if word.arg in AXES]
    placed = call.args[:1] if _called(call) in REDUCTIONS and isinstance(call.func, ast.Attribute) else []
    for axis in (*named, *placed):
        number = _integer(axis)
        if number is not None:
            yield _Edit("transposed axis", _start(axis), _end(axis), "0" if number != 0 else "-1")


def _constant(node: ast.Constant) -> Iterator[_Edit]:
    value = node.value
    if isinstance(value, bool):
        yield _Edit("constant", _start(node), _end(node), str(not value))
    elif isinstance(value, int):
        yield _Edit("off by one", _start(node), _end(node), str(value + 1))
    elif isinstance(value, float):
        yield _Edit("constant", _start(node), _end(node), repr(value * 2 if value else 1.0))


def _between(kind: str, left: ast.expr, right: ast.expr, change: tuple[str, str], source: str) -> Iterator[_Edit]:
    """Replace the operator between two operands, when it stands there on one line."""
    old, new = change
    start, end = _end(left), _start(right)
    if start[0] != end[0]:
        return
    line = source.splitlines()[start[0] - 1].encode()
    at = line.find(old.encode(), start[1], end[1])
    if at >= 0:
        yield _Edit(kind, (start[0], at), (start[0], at + len(old)), new)


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


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _characters(lines: list[str], place: tuple[int, int]) -> tuple[int, int]:
    """The parser counts bytes; Chinese in a line makes these more than characters."""
    line, column = place
    return line, len(lines[line - 1].encode()[:column].decode())


def _apply(source: str, edit: _Edit) -> str:
    lines = source.splitlines(keepends=True)
    offsets = [sum(map(len, lines[: line - 1])) + column for line, column in (edit.start, edit.end)]
    return source[: offsets[0]] + edit.text + source[offsets[1] :]
