"""`python -m tests.bench.kernels`: what simulating a GPU costs. CUDA C++ beside g++, Triton in its interpreter.

CPU seconds inside the sandbox, the median of REPEATS launches; the ratio is to what torch takes for the same result.
Every access of a simulated kernel is checked, and none of these numbers says anything about a GPU.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from build_deck.cells.protocol import Job, Snippet
from build_deck.cells.runner import Engine, EngineError, outcomes
from build_deck.run import Ground
from tests.kernel_sources import MATMUL

ROOT = Path(__file__).resolve().parents[2]
REPEATS = 3

TIMED = """
import statistics, time, torch

def seconds(work):
    taken = []
    for _ in range({repeats}):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return statistics.median(taken)

def torchs(work):
    return seconds(lambda: [work() for _ in range(100)]) / 100
"""
CUDA = (
    MATMUL
    + """
__global__ void total(const float* x, float* out, int n) {
  __shared__ float part[8];
  float v = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) v += x[i];
  for (int s = 16; s; s /= 2) v += __shfl_down_sync(0xffffffff, v, s);
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x == 0) for (int i = 0; i < 8; i++) atomicAdd(out, part[i]);
}
"""
)
LAUNCH = """
k = cuda("kernels")
a, b, c = torch.randn(128, 128), torch.randn(128, 128), torch.empty(128, 128)
x, out = torch.randn(65536), torch.zeros(1)
report({
    "matmul": [seconds(lambda: k.matmul[(8, 8), (16, 16)](a, b, c, 128)), torchs(lambda: a @ b)],
    "counted": [seconds(lambda: k.matmul[(8, 8), (16, 16)].count(a, b, c, 128)), torchs(lambda: a @ b)],
    "total": [seconds(lambda: k.total[16, 256](x, out, 65536)), torchs(lambda: x.sum())],
})
torch.testing.assert_close(c, a @ b, rtol=1e-4, atol=1e-4)
"""
TRITON = """
import triton
import triton.language as tl

@triton.jit
def softmax(x, out, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * n + tl.arange(0, BLOCK)
    inside = tl.arange(0, BLOCK) < n
    v = tl.load(x + at, mask=inside, other=-float("inf"))
    v = tl.exp(v - tl.max(v, axis=0))
    tl.store(out + at, v / tl.sum(v, axis=0), mask=inside)

@triton.jit
def matmul(a, b, c, n, T: tl.constexpr):
    row = (tl.program_id(0) * T + tl.arange(0, T))[:, None]
    col = (tl.program_id(1) * T + tl.arange(0, T))[None, :]
    sum = tl.zeros((T, T), tl.float32)
    for t in range(0, n, T):
        i = t + tl.arange(0, T)
        sum += tl.dot(tl.load(a + row * n + i[None, :]), tl.load(b + i[:, None] * n + col), input_precision="ieee")
    tl.store(c + row * n + col, sum)

x = torch.randn(64, 1000)
out = torch.empty_like(x)
a, b, c = torch.randn(128, 128), torch.randn(128, 128), torch.empty(128, 128)
report({
    "softmax": [seconds(lambda: softmax[(64,)](x, out, 1000, BLOCK=1024)), torchs(lambda: x.softmax(1))],
    "matmul": [seconds(lambda: matmul[(4, 4)](a, b, c, 128, T=32)), torchs(lambda: a @ b)],
})
torch.testing.assert_close(out, x.softmax(1))
torch.testing.assert_close(c, a @ b, rtol=1e-4, atol=1e-4)
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kernel: CPU seconds here, and of torch for the same."""

    name: str
    seconds: float
    torch: float | None = None


def rows() -> Iterator[Row]:
    """Every row; raises EngineError where an environment is missing."""
    timed = TIMED.format(repeats=REPEATS)
    cuda = Snippet("kernels", CUDA, "bench.md", 1, 60.0, language="cuda")
    built, told = _run("core", cuda, Snippet("cell", timed + LAUNCH, "bench.md", 1, 60.0))
    yield Row(name="CUDA C++: building a cell with two kernels, wall seconds", seconds=built)
    yield Row(name="CUDA C++: matmul 128 × 128, tiles of 16", seconds=told["matmul"][0], torch=told["matmul"][1])
    yield Row(name="the same, its requests counted", seconds=told["counted"][0], torch=told["counted"][1])
    yield Row(name="CUDA C++: sum of 65,536, shuffles and atomics", seconds=told["total"][0], torch=told["total"][1])
    _, told = _run("ref", Snippet("first", timed, "bench.md", 1), Snippet("cell", TRITON, "bench.md", 40, 60.0))
    yield Row(name="Triton: softmax 64 × 1,000", seconds=told["softmax"][0], torch=told["softmax"][1])
    yield Row(name="Triton: matmul 128 × 128, tiles of 32", seconds=told["matmul"][0], torch=told["matmul"][1])


def table() -> str:
    """The rows as Markdown."""
    lines = ["| simulated | CPU s | × torch |", "|---|---:|---:|"]
    for row in rows():
        ratio = f"{row.seconds / row.torch:,.0f}" if row.torch else ""
        lines.append(f"| {row.name} | {row.seconds:.2g} | {ratio} |")
    return "\n".join(lines)


def _run(env: str, *snippets: Snippet) -> tuple[float, dict[str, list[float]]]:
    """Wall seconds of the first snippet, and what the last one reports."""
    with Engine(Ground.at(ROOT).interpreter(env)) as engine:
        ended = outcomes(engine.run(Job("bench", snippets)))
    for outcome in ended:
        if outcome.status != "ok":
            raise EngineError(outcome.error)
    return ended[0].seconds, ended[-1].result


if __name__ == "__main__":
    print(table())
