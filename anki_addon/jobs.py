"""What runs when ▶ is pressed on a cell: the same processes as in the pipeline, up to that cell, and what they need.

Cells of one environment share a process, in order; a kata's stub meets the kata's tests alone; a cell that needs a GPU
or nvcc runs apart, with the kernels before it. Decides nothing about trust.
"""

import ast
import sys
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Dict, FrozenSet, Iterator, Optional, Tuple

from .cells.protocol import Job, Limits, Snippet
from .note import Card, Cell

TESTS = ("tests", "hidden-tests")
LANGUAGES = ("python", "cuda", "bash")
RARE = ("cuda", "nvcc")
"""What a cell may need that not every machine has."""
LONGEST = 600.0
"""Seconds: nothing may compute for longer, whatever the card and the settings say."""
ENDLESS = 1 << 46
"""Bytes: a GPU's driver maps more addresses than any bound for cells allows."""
STANDARD: FrozenSet[str] = getattr(sys, "stdlib_module_names", frozenset(sys.builtin_module_names))
"""Anki's own Python 3.9 knows but some of them; an interpreter that was probed lists its own."""


@dataclass(frozen=True)
class Plan:
    """The cells that run in one process when `target` is asked for: it comes last."""

    card: str
    target: str
    cells: Tuple[Cell, ...]
    measured: Tuple[Cell, ...] = ()
    """Cells that come with what they measured where they could run: every cell of the run may read it."""

    @property
    def parts(self) -> Tuple[Cell, ...]:
        """All whose code or data goes into the run: what was measured elsewhere, then what runs, in order."""
        return (*(cell for cell in self.measured if cell not in self.cells), *self.cells)

    @property
    def on_gpu(self) -> bool:
        """Whether a cell asks for CUDA."""
        return any("cuda" in cell.needs for cell in self.cells)

    @property
    def inputs(self) -> Tuple[str, ...]:
        """The files that the cells declare; each once, sorted."""
        return tuple(sorted({name for cell in self.cells for name in cell.inputs}))

    @property
    def is_stub(self) -> bool:
        """Whether it is a kata's stub under the kata's tests, which must fail."""
        return self.cells[0].role == "stub"


def plan(card: Card, target: str) -> Optional[Plan]:
    """What runs for the cell `target`; None when the card has no such cell."""
    cell = card.cell(target)
    if cell is None:
        return None
    measured = tuple(each for each in card.cells if each.result is not None)
    return Plan(card.id, target, _together(card, cell), measured)


def _together(card: Card, cell: Cell) -> Tuple[Cell, ...]:
    before = card.cells[: card.cells.index(cell)]
    if cell.role == "stub":
        return (cell, *(each for each in card.cells if each.role in TESTS))
    same = tuple(each for each in before if each.env == cell.env and each.role != "stub")
    if not _apart(cell):
        return (*(each for each in same if not _apart(each)), cell)
    if cell.language == "python":
        return (*(each for each in same if each.language == "cuda"), cell)
    return (cell,)


def _apart(cell: Cell) -> bool:
    return bool(set(RARE) & set(cell.needs)) or cell.language not in LANGUAGES


def job(asked: Plan, time_limit: float, inputs: Path) -> Job:
    """What the engine is given. A cell may compute for `time_limit` seconds, or longer where the card says so; the
    files that it declares come from the folder `inputs`, never from the deck. Raises OSError when one is not there.
    """
    snippets = tuple(
        Snippet(
            id=cell.id, source=cell.source, path="%s/%s" % (asked.card, cell.id), line=1,
            timeout=min(max(cell.timeout, time_limit), LONGEST), raises=cell.raises or None,
            draws=bool(cell.figure) and not asked.is_stub, tests=cell.role in TESTS, language=cell.language,
            ready=cell.ready,
        )
        for cell in asked.cells
    )  # fmt: skip
    limits = Limits(memory=ENDLESS) if asked.on_gpu else Limits()
    results: Dict[str, Any] = {cell.id: cell.result for cell in asked.measured}
    files = {name: b64encode((inputs / name).read_bytes()).decode("ascii") for name in asked.inputs}
    return Job(asked.card, snippets, limits, results, files)


def unsupported(asked: Plan) -> str:
    """A language among the cells' that the add-on cannot run; empty when there is none."""
    return next((cell.language for cell in asked.cells if cell.language not in LANGUAGES), "")


def modules(asked: Plan) -> FrozenSet[str]:
    """Top-level modules, other than the standard library's, that the cells import and that must be there."""
    names = {name for cell in asked.cells if cell.language == "python" for name in _imports(cell.source)}
    needed = {need for cell in asked.cells for need in cell.needs if need not in RARE}
    given = {PurePosixPath(name).stem for name in asked.inputs}
    return frozenset((names | needed) - STANDARD - given)


def _imports(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # a newer Python's syntax, or none: the run will tell
    optional = {id(node) for each in ast.walk(tree) if isinstance(each, ast.Try) for node in ast.walk(each)}
    for node in ast.walk(tree):
        if id(node) in optional:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


def programs(asked: Plan) -> Tuple[str, ...]:
    """What the cells need besides Python and a GPU, by the name of the program."""
    languages = {cell.language for cell in asked.cells}
    needs = {need for cell in asked.cells for need in cell.needs}
    wanted = (("g++", "cuda" in languages), ("bash", "bash" in languages), ("nvcc", "nvcc" in needs))
    return tuple(name for name, needed in wanted if needed)
