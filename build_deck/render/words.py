"""What a learner reads that no author wrote: names of kinds and depths, and badges."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import MappingProxyType

from build_deck.model.card import Cell, Kind, Role
from build_deck.model.outcome import CardEvidence, CellEvidence, Level, MutantVerdict

KINDS = MappingProxyType(
    {
        Kind.CONCEPT: "概念", Kind.COMPARE: "对比", Kind.DERIVATION: "推导", Kind.CALCULATION: "计算",
        Kind.CODE: "代码", Kind.KATA: "手撕", Kind.SYSTEM_DESIGN: "系统设计", Kind.OPEN: "开放题",
    }
)  # fmt: skip

FOLLOW_UP = "追问"
"""The kind of a promoted follow-up, whatever its card's is."""

DEPTHS = MappingProxyType({1: "基础", 2: "进阶", 3: "深入"})

LEVELS = MappingProxyType(
    {
        Level.EXECUTED_GPU: "GPU 已执行", Level.EXECUTED_CPU: "CPU 已执行", Level.SIMULATED: "仅模拟",
        Level.COMPILED: "仅编译", Level.STATIC: "未运行",
    }
)  # fmt: skip

LANGUAGES = MappingProxyType({"python": "Python", "cuda": "CUDA C++", "cpp": "C++", "bash": "Shell"})

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+(.+)", re.MULTILINE)
_MODULE = re.compile(r"(?:^|,)\s*(\w+)")

PENDING = "未运行：还没有执行记录"

_SIMULATED = "仅模拟：验证算术与下标，不含耗时与竞争"


def badge(cell: Cell, outcome: CellEvidence | None, packages: Iterable[str]) -> str:
    """What exactly was verified about `cell`; `packages` are those whose version matters to it."""
    if cell.role is Role.STATIC or cell.why:
        return f"未运行：{cell.why or '只供阅读'}"
    if outcome is None:
        return PENDING
    if outcome.status != "ok":
        return f"执行失败：{outcome.status}"
    chain = outcome.toolchain
    if outcome.level is Level.EXECUTED_GPU:
        when = (chain.date,) if chain.date else ()
        return " · ".join((f"已在 {chain.device} 执行", *_versions(outcome, packages), *when))
    if outcome.level is Level.EXECUTED_CPU:
        return " · ".join(("已执行", "CPU", *_versions(outcome, packages)))
    compiler = (
        f"triton {chain.triton}" if "triton" in cell.source else f"nvcc {chain.nvcc}" if chain.nvcc else "只用 g++"
    )
    compiled = f"仅编译：{compiler}，没有启动"
    return {Level.SIMULATED: _SIMULATED, Level.COMPILED: compiled}.get(outcome.level, PENDING)


def level_of(evidence: CardEvidence | None) -> str:
    """The card's level in two to four characters; empty when it has no cells."""
    return LEVELS[evidence.level] if evidence is not None and evidence.level is not None else ""


def fate(verdict: MutantVerdict | None) -> str:
    """What became of a mutant, in words a learner knows; `by` names a cell, or a cell and one of its tests."""
    if verdict is None:
        return "还没有执行"
    if not verdict.killed:
        return "没有被发现"
    test = verdict.by.rpartition(".")[2]
    return f"{test} 失败" if test.startswith("test_") else "断言失败"


def packages_in(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Top-level names that these cells import, in the order of the card."""
    lines = (line for cell in cells if cell.language == "python" for line in _IMPORT.findall(cell.source))
    # of `from x import y, z` the first name is the module, the others are none of a package's
    return tuple(dict.fromkeys(name for line in lines for name in _MODULE.findall(line)))


def _versions(outcome: CellEvidence, packages: Iterable[str]) -> tuple[str, ...]:
    """The one that the card is about: a library of its environment before torch, torch before numpy."""
    chain = outcome.toolchain
    imported = set(packages)
    libraries = [name for name in packages if name in chain.packages]
    known = {**chain.packages, "torch": chain.torch, "numpy": chain.numpy}
    named = [name for name in (*libraries, "torch", "numpy") if name in imported and known[name]]
    return (f"{named[0]} {known[named[0]].partition('+')[0]}",) if named else (f"Python {chain.python}",)
