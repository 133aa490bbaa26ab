"""What an outcome means: did a mutant die of an assertion, did a stub fail as it must, how far was a cell verified."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from build_deck.cells.protocol import COMPILED, ON_GPU, SIMULATED, Outcome, Toolchain
from build_deck.model.card import Cell, Role
from build_deck.model.outcome import Level
from build_deck.run.process import TESTS, Process

BROKEN = (
    "SyntaxError", "IndentationError", "TabError", "NameError", "UnboundLocalError", "ImportError",
    "ModuleNotFoundError", "MemoryError",
)  # fmt: skip
"""Exceptions that say that the mutant is not a program, or had no room, which proves nothing about the asserts."""
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a mutant; `broken` mutants are the author's mistake, not a gap in the asserts."""

    killed: bool
    by: str
    broken: bool = False


def fate(mutated_cell: str, outcomes: Iterable[Outcome]) -> Fate:
    """Killed by an AssertionError or a failed test in the mutated cell or a later one; anything else is not a kill."""
    reached = False
    for outcome in outcomes:
        reached = reached or outcome.cell == mutated_cell
        if outcome.status == "ok":
            continue
        if not reached:
            return Fate(killed=False, by=f"{_how(outcome)}, which comes before it", broken=True)
        return _death(outcome)
    return Fate(killed=False, by="survived")


def stub_fate(outcomes: tuple[Outcome, ...]) -> Fate:
    """The stub itself must run, and a test must fail on it in whatever way."""
    failed = next((each for each in outcomes if each.status not in ("ok", "skipped")), None)
    if failed is None:
        return Fate(killed=False, by="passes every test")
    if failed is outcomes[0]:
        return Fate(killed=False, by=_how(failed), broken=True)
    test = next((each for each in failed.tests if each.exception), None)
    return Fate(killed=True, by=f"{failed.cell}.{test.name}" if test else _how(failed))


def level(cell: Cell, ended: Iterable[Outcome], toolchain: Toolchain) -> Level:
    """How far a cell that ended well was verified, in a process whose cells ended so.

    A cell that comes after a simulated launch is simulated as well: what it asserts may be what the kernel wrote.
    A kata's solution is as far as its tests, which launch what it defines.
    """
    kernels = cell.language == "cuda"
    launched_later = kernels or cell.role is Role.SOLUTION
    seen = [each.launches for each in ended if launched_later or each.cell == cell.id]
    where = {place for launches in seen for name, place in launches.items() if not kernels or name == cell.id}
    if SIMULATED in where:
        return Level.SIMULATED
    if where == {COMPILED} or (kernels and ON_GPU not in where):
        return Level.COMPILED
    on_gpu = ON_GPU in where or "cuda" in cell.needs
    return Level.EXECUTED_GPU if on_gpu and toolchain.device != "cpu" else Level.EXECUTED_CPU


def asserts(cell: Cell) -> bool:
    """Whether the cell can fail for being wrong: an assert, a call of some `assert_…`, tests, a promised exception."""
    if cell.role in TESTS or cell.raises:
        return True
    if cell.role is Role.STATIC or cell.language != "python":
        return False
    tree = _tree(cell.source)
    return tree is not None and _asserts(tree)


def decisive(process: Process, of: str) -> Process:
    """The process up to the last cell that can tell a mutant of cell `of` from the original: that cell, or a later
    one that asserts or uses a name in whose definition something is asserted.
    """
    places = {cell.id: at for at, cell in enumerate(process.cells)}
    names = _asserting_names(process.cells)
    can_tell = [places[cell.id] for cell in process.cells if asserts(cell) or names & _names(cell.source)]
    last = max([places[of], *can_tell])
    return replace(process, cells=process.cells[: last + 1])


def _asserting_names(cells: Iterable[Cell]) -> set[str]:
    """Functions and classes that assert in the end, and what is made of them."""
    trees = [tree for cell in cells if cell.language == "python" and (tree := _tree(cell.source)) is not None]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    made = [(node.name, _used(node), _asserts(node)) for node in nodes if isinstance(node, DEFINITIONS)]
    bound = [(target, node.value) for node in nodes if isinstance(node, ast.Assign) for target in node.targets]
    made += [(name, _used(value), False) for target, value in bound for name in _used(target)]
    names: set[str] = set()
    while more := {name for name, used, itself in made if itself or used & names} - names:
        names |= more
    return names


def _names(source: str) -> set[str]:
    tree = _tree(source)
    return _used(tree) if tree is not None else set()


def _used(tree: ast.AST) -> set[str]:
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return found | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _asserts(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Assert) or _asserting_call(node) for node in ast.walk(tree))


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def _asserting_call(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name.startswith("assert")


def _death(outcome: Outcome) -> Fate:
    genuine = next((each for each in outcome.tests if each.exception and each.exception not in BROKEN), None)
    if genuine is not None:
        return Fate(killed=True, by=f"{outcome.cell}.{genuine.name}")
    if outcome.status == "failed" and outcome.exception == "AssertionError":
        return Fate(killed=True, by=f"AssertionError in {outcome.cell}")
    return Fate(killed=False, by=_how(outcome), broken=True)


def _how(outcome: Outcome) -> str:
    what = outcome.exception if outcome.status == "failed" and outcome.exception else outcome.status
    return f"{what} in {outcome.cell}"
