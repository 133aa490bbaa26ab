"""Slips in CUDA C++: which are made, and what tokens alone must not be taken for."""

from __future__ import annotations

import pytest
from small_deck import Deck, card, cell, corpus

from build_deck import run
from build_deck.run.edits import applied
from build_deck.run.kernel_edits import kernel_edits
from build_deck.run.mutate import slips
from build_deck.run.process import Process


def made(source: str) -> list[tuple[str, str]]:
    return [(edit.kind, applied(source, edit)) for edit in kernel_edits(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a + b;", [("sign", "x = a - b;")]),
        ("x -= y;", [("sign", "x += y;")]),
        ("x = -y;", [("sign", "x = y;")]),
        ("f(a, -b[i]);", [("sign", "f(a, b[i]);")]),
        ("x = a[i]*b;", [("factor", "x = a[i]/b;")]),
        ("x = (a + b) % n;", [("sign", "x = (a - b) % n;"), ("factor", "x = (a + b) / n;")]),
        ("s >>= k;", [("factor", "s <<= k;")]),
        ("if (i < n) f();", [("comparison", "if (i <= n) f();")]),
        ("while (i<n && j>m) f();", [("comparison", "while (i<=n && j>m) f();"),
                                     ("comparison", "while (i<n && j>=m) f();")]),
        ("if (a == b) f();", [("comparison", "if (a != b) f();")]),
        ("x = f(2u);", [("off by one", "x = f(3u);")]),
        ("x = 0.5f;", [("constant", "x = 1.0f;")]),
        ("x = 0.f;", [("constant", "x = 1.0f;")]),
        ("x = 1e-5;", [("constant", "x = 2e-05;")]),
        ("f<true>(x);", [("constant", "f<false>(x);")]),
        ("f<W + 1>(x);", [("sign", "f<W - 1>(x);"), ("off by one", "f<W + 2>(x);")]),
        ("x = 中(a) + b;", [("sign", "x = 中(a) - b;")]),
        ("x = a\n  + b;  // a + b", [("sign", "x = a\n  - b;  // a + b")]),
    ],
)  # fmt: skip
def test_one_slip_at_a_time(source: str, expected: list[tuple[str, str]]) -> None:
    assert made(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "// a + b < 3\n/* a * 2\n - 1 */",
        "#define N (32 + 1)\n  #pragma unroll 4\n#define M \\\n  (a + 2)",
        'f("a + b < %d\\n", R"x(1 + 2")x", \'+\');',
        'printf("%d", a + 1); assert(i < n + 1); static_assert(N == 32, "");',
        'asm volatile("add" : "=r"(a[1]) : "r"(b[2]));',
        "__global__ void __launch_bounds__(256, 2) f();",
        "constexpr int n = 8, m = 4; const float eps = -1e-5f; const bool on = true;",
        "constexpr float w[] = {1, 2, 3};",
        "enum { A = 1, B = 2 };",
        "const float* x; float *y; half* z; uint32_t* p; int** q = (float4*)r;",
        "template <typename T> void f(T* x, T *y);",
        "struct Tile { int a; }; void f(Tile* t);",
        "y = static_cast<float>(x); std::vector<int> v; f<a, b><<<grid, block>>>(x);",
        "float v = *p; g(&x, *q); return *r;",
        "for (; ;) { ++i; j--; p->x; }",
        "mask = 0xffffffffu;",
        "__shared__ float tile[32];",
        "f(",
        "asm",
        "a <",
        "x = a <<< b",
        "'",
        "const int n =",
        "",
    ],
)
def test_what_is_left_alone(source: str) -> None:
    assert made(source) == []


def test_only_the_first_extent_of_an_array_may_be_larger_for_nothing() -> None:
    assert made("__shared__ float tile[32][33];") == [("off by one", "__shared__ float tile[32][34];")]
    assert made("x = tile[3];") == [("off by one", "x = tile[4];")]


KERNEL = """__global__ void scale(float* x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] = 2 * x[i];
}"""
LAUNCH = "import torch\nx = torch.ones(6)\ncuda('kernel').scale[2, 4](x, 5)\n"


def test_kernels_count_where_something_is_asserted() -> None:
    for claim, some in (("print(x)", False), ("assert x.sum() == 11", True)):
        cells = (cell("kernel", KERNEL, language="cuda"), cell("launch", LAUNCH + claim))
        found = slips(Process(card="x", name="core", env="core", cells=cells))
        assert any(each.cell == "kernel" for each in found) is some
    assert [each.line for each in found if each.cell == "kernel"] == [2, 2, 3, 3, 3]


@pytest.mark.cells
def test_mutants_of_a_kernel_are_built_and_judged(deck: Deck) -> None:
    cells = (
        cell("kernel", KERNEL, language="cuda"),
        cell("launch", LAUNCH + "assert x[0] == 2\nprint(x.tolist())", 30),
    )
    made = card("a-card", *cells)
    assert deck.run(made).codes == []
    planned = run.plan(corpus(made), deck.ground)
    found = run.survey(planned, deck.ground, run.Options(pool=deck.pool, workers=2), every=True)
    (survey,) = (each for each in found if isinstance(each, run.Survey))
    alive = {(each.span.line, each.kind) for each in survey.survivors if each.span.line < 30}
    assert (12, "comparison") in alive
    assert survey.killed >= 2
