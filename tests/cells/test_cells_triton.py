"""Triton cells: interpreted where there is no GPU, noted as such, checked at their borders, compiled ahead of time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cell_jobs import Cells, snippet

from build_deck.run import EnginePool, Ground

pytestmark = pytest.mark.cells

SOFTMAX = """
import torch, triton
import triton.language as tl
LOG2E = tl.constexpr(1.4426950408889634)

@triton.jit
def largest(x):
    return tl.max(x, axis=0)

@triton.jit
def softmax(x, out, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    i = tl.arange(0, BLOCK)
    v = tl.load(x + row * n + i, mask=i < n, other=-float("inf"))
    v = tl.exp2((v - largest(v)) * LOG2E)
    tl.store(out + row * n + i, v / tl.sum(v, axis=0), mask=i < n)

x = torch.randn(8, 100)
out = torch.full_like(x, float("nan"))
softmax[(8,)](x, out, 100, BLOCK=128)
torch.testing.assert_close(out, x.softmax(1))
"""
COPY = """
@triton.jit
def copy(x, out, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    {}
"""


@pytest.fixture
def reference(project: Path, engines: EnginePool) -> Iterator[Cells]:
    """Cells in the sandbox of the reference environment."""
    with engines.lend(Ground.at(project).interpreter("ref")) as engine:
        assert engine.toolchain.torch
        yield Cells(engine)


def test_a_kernel_gives_torchs_numbers_and_is_noted(reference: Cells) -> None:
    before, ran, after = reference("import triton", SOFTMAX, "assert out.sum() > 7")
    assert [(each.status, each.error) for each in (before, ran, after)] == [("ok", "")] * 3
    assert [each.launches for each in (before, ran, after)] == [{}, {"triton": "simulated"}, {"triton": "simulated"}]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("tl.store(out + i, tl.load(x + i), mask=i < n)", "reads 4 bytes at offset 400 of argument x, which has 400"),
        ("tl.store(out + i, tl.load(x + i, mask=i < n))", "writes 4 bytes at offset 400 of argument out"),
        ("tl.store(out + i, tl.load(x + i - 1, mask=i < n), mask=i < n)", "reads 4 bytes at offset -4 of argument x"),
        ("tl.atomic_add(out + i, 1.0)", "changes 4 bytes at offset 400 of argument out"),
    ],
)
def test_an_access_outside_the_arguments_fails_like_an_assertion(reference: Cells, body: str, says: str) -> None:
    launch = "\ncopy[(1,)](torch.zeros(100), torch.zeros(100), 100, BLOCK=128)"
    _, ended = reference(SOFTMAX, snippet("copy", COPY.format(body) + launch, 60))
    assert (ended.status, ended.exception) == ("failed", "AssertionError")
    assert f"OutOfBounds: copy: program (0,0,0) {says}" in ended.error
    assert "line 64, in copy" in ended.error


def test_a_kernel_is_compiled_for_a_gpu_beside_the_interpreter(reference: Cells) -> None:
    code = """
made = compiled(softmax, "*fp32", "*fp32", "i32:16", BLOCK=1024, num_warps=8)
assert ".target sm_90a" in made.ptx and "shfl.sync" in made.ptx and "SHFL" in made.sass
assert 8 < made.resources.registers < 200 and made.resources.shared > 0 and made.resources.spill_stores == 0
softmax[(8,)](x, out, 100, BLOCK=128)
"""
    _, ended = reference(SOFTMAX, snippet("ahead", code, 60))
    assert (ended.status, ended.error) == ("ok", "")


def test_what_does_not_compile_says_why(reference: Cells) -> None:
    launch = '\ncompiled(copy, "*fp32", {}BLOCK=128)'
    few = COPY.format("pass") + launch.format("")
    wrong = COPY.format("tl.store(out + i, nowhere)") + launch.format('"*fp32", "i32", ')
    _, few_types, unknown = reference(
        SOFTMAX, snippet("few", few, 60, raises="TypeError"), snippet("wrong", wrong, 80, raises="CompileError")
    )
    assert few_types.error == "TypeError: copy has the arguments x, out, n: give 3 types\n"
    assert "nowhere is not defined" in unknown.error
