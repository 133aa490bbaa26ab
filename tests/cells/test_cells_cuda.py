"""CUDA C++ cells on the CPU: right kernels give torch's numbers, wrong ones end with an error that says where."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

import pytest
from cell_jobs import Cells, snippet
from cuda_sources import ADD, COUNTED, HEAD, ORDERED, TILES, WARPS, WRONG, check, run

from build_deck.cells.protocol import Interpreter
from build_deck.cells.runner import Engine

pytestmark = pytest.mark.cells

ADDED = """
x, y, out = torch.randn(1000), torch.randn(1000), torch.full((1000,), float('nan'))
k.add[4, 256](x, y, out, 1000)
torch.testing.assert_close(out, x + y)
"""


def test_a_kernel_gives_torchs_numbers_in_the_sandbox(boxed: Cells) -> None:
    check(boxed, ADD, ADDED)


def test_and_in_a_spawned_process(interpreter: Callable[[bool], Interpreter]) -> None:
    settings = interpreter(False)
    with Engine(Interpreter(settings.python, modules=("torch",), spawn=True)) as engine:
        check(Cells(engine), ADD, ADDED)


def test_numpy_arrays_and_a_tensor_given_twice(plain: Cells) -> None:
    python = "import numpy as np\na = np.arange(8, dtype=np.float32)\nk.add[1, 8](a, a, a, 8)\nassert a[7] == 14"
    check(plain, ADD, python)


def test_tiles_reductions_and_atomics(plain: Cells) -> None:
    python = """
a, b, c = torch.randn(64, 64), torch.randn(64, 64), torch.empty(64, 64)
k.matmul[(4, 4), (16, 16)](a, b, c, 64)
torch.testing.assert_close(c, a @ b, rtol=1e-4, atol=1e-4)
x, out = torch.randn(65536), torch.zeros(1, dtype=torch.float64)
k.total[16, 256, 32](x, out, 65536)
assert abs(out.item() - x.double().sum().item()) < 1e-2
"""
    check(plain, TILES, python)


def test_warps_vectors_and_halves(plain: Cells) -> None:
    python = """
out = torch.full((136,), -7, dtype=torch.int32)
k.warp[1, 32](out)
lane = torch.arange(32)
assert torch.equal(out[:32], (lane ^ 1).int())
assert torch.equal(out[32:64], torch.where(lane % 8 >= 4, lane - 4, lane).int())
assert torch.equal(out[64:96], (lane // 16 * 16 + 5).int())
assert (out[96:128] == 0xAAAAAAAA - (1 << 32)).all() and (out[128:] == 1).all()
x, y = torch.arange(64.0), torch.empty(64)
k.wide[1, 16](x, y)
assert torch.equal(y, x.view(16, 4).flip(1).flatten())
h = torch.randn(32).half()
y, z = torch.empty(32).half(), torch.empty(32).bfloat16()
k.halves[1, 32](h, y, z)
assert torch.equal(y, (h.float() * 1.5).half()) and torch.equal(z, h.bfloat16())
"""
    check(plain, WARPS, python)


def test_shared_memory_is_poisoned_in_every_block(plain: Cells) -> None:
    kernels = """
__global__ void fresh(float* out) {
  __shared__ float seen[1];
  out[blockIdx.x] = seen[0];
  seen[0] = 1;
}
"""
    check(plain, kernels, "out = torch.zeros(3)\nk.fresh[3, 1](out)\nassert out.isnan().all()")


@pytest.mark.parametrize(
    ("launch", "says"),
    [
        (
            "outside[1, 64](x, y, 1)",
            "OutOfBounds: outside: thread (63,0,0) of block (0,0,0) reads 4 bytes at offset 256 of",
        ),
        ("outside[1, 64](x, y, 9000)", "OutOfBounds: *36000 of argument x, which has 256 bytes"),
        ("before[1, 64](x)", "OutOfBounds: *(0,0,0) writes 4 bytes at offset -4 of argument out"),
        ("tile[1, 2](x)", "OutOfBounds: *thread (1,0,0)*writes 4 bytes at offset 128 of shared memory a"),
        ("read_early[1, 64](x)", "SharedMemoryRace: *of shared memory a with no barrier between"),
        ("written_late[1, 64](x)", "SharedMemoryRace: *writes what thread (0,0,0) has used at offset 4"),
        (
            "some[1, 64](x)",
            "DivergentBarrier: *only 40 of 64 threads reach the barrier in line 30; the others have ended",
        ),
        ("elsewhere[1, 64](x)", "DivergentBarrier: *waits at two barriers, in lines 34 and 36"),
        ("absent[1, 64](x)", "DivergentBarrier: *a warp waits for lanes that do not come"),
        (
            "crooked[1, 16](x, y, 2)",
            "MisalignedAddress: crooked: *reads 16 bytes at offset 8 of argument x, which is no multiple of 16",
        ),
        ("crooked_tile[1, 1](x)", "MisalignedAddress: *reads 8 bytes at offset 4 of shared memory a, which is no mul"),
        ("nothing[1, 64](x)", "OutOfBounds: *writes through a null pointer"),
    ],
)
def test_a_wrong_kernel_says_where(plain: Cells, launch: str, says: str) -> None:
    _, ended, after = plain(
        snippet("kernels", WRONG, 10, language="cuda"),
        snippet("cell", f"{HEAD}x, y = torch.zeros(64), torch.zeros(64)\nk.{launch}", raises=says.partition(":")[0]),
        snippet("after", "k.outside[1, 64](x, y, 0)"),
    )
    assert fnmatchcase(ended.error, says + "*"), ended.error
    assert (ended.status, ended.exception, after.status) == ("ok", "AssertionError", "ok")


def test_it_counts_as_a_failed_assertion(plain: Cells) -> None:
    _, ended = run(plain, WRONG, "x = torch.zeros(64)\nk.before[1, 64](x)")
    assert (ended.status, ended.exception, ended.launches) == ("failed", "AssertionError", {"kernels": "simulated"})
    _, place, line, _ = ended.error.splitlines()
    assert (place, line) == ('  File "source/demo/topic.md", line 103, in <module>', "    k.before[1, 64](x)")


def test_atomics_and_barriers_are_no_race(plain: Cells) -> None:
    python = """
x, out = torch.randint(4, (256,), dtype=torch.int32), torch.empty(4, dtype=torch.int32)
k.histogram[1, 256](x, out, 256)
assert torch.equal(out, torch.bincount(x, minlength=4).int())
turned = torch.empty(32, dtype=torch.int32)
k.warps[1, 32](turned)
assert torch.equal(turned, ((torch.arange(32) + 1) % 32).flip(0).int())
small = torch.arange(64, dtype=torch.uint8)
k.neighbours[1, 64, 128](small)
assert torch.equal(small, torch.arange(64, dtype=torch.uint8) * 2)
"""
    check(plain, ORDERED, python)


def test_requests_sectors_and_bank_conflicts_are_counted(plain: Cells) -> None:
    python = """
x, out = torch.randn(8192), torch.empty(256)
near, far = k.copy[2, 128].count(x, out, 1), k.copy[2, 128].count(x, out, 32)
assert near.loads == near.stores == (8, 32) and far.loads == (8, 256) and far.stores == (8, 32)
assert near.shared_loads == (0, 0)
worst, padded, two = (k.columns[1, 32, 8192].count(out, *sizes) for sizes in ((0, 1), (1, 33), (1, 2)))
assert worst.shared_stores == (1, 32) and worst.shared_loads == (1, 1)
assert padded.shared_stores == (1, 1) and padded.shared_loads == (1, 1)
assert two.shared_loads == (1, 2)
wide = k.wide[1, 32].count(x[:128], torch.empty(128))
assert wide.loads == (1, 16) and wide.shared_stores == (1, 4) and wide.shared_loads == (1, 4)
sums = torch.empty(32)
assert k.members[1, 32].count(x[:128], sums)[:2] == ((1, 16), (1, 4))
assert torch.equal(sums, x[:128].view(32, 4)[:, :2].sum(1))
"""
    check(plain, COUNTED, python)
