"""A cuda cell and a Python cell that launches its kernels."""

from __future__ import annotations

from cell_jobs import Cells, snippet

from build_deck.cells.protocol import Outcome

HEAD = "import torch\nk = cuda('kernels')\n"


def run(cells: Cells, kernels: str, python: str) -> tuple[Outcome, ...]:
    return cells(snippet("kernels", kernels, 10, language="cuda"), snippet("cell", HEAD + python, 100))


def check(cells: Cells, kernels: str, python: str) -> None:
    """Both cells end well."""
    ended = run(cells, kernels, python)
    assert [(each.status, each.error) for each in ended] == [("ok", ""), ("ok", "")]
    assert [each.launches for each in ended] == [{}, {"kernels": "simulated"}]


ADD = """
#include <cuda_runtime.h>
__global__ void add(const float* __restrict__ x, const float *y, float* out, int n) {  // one element each
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = x[i] + y[i];
}
"""
