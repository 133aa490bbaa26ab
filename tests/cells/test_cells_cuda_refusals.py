"""CUDA C++ cells: what cannot be launched, compiled or known is refused in words, with the answer file's line."""

from __future__ import annotations

import shutil

import pytest
from cell_jobs import Cells, snippet
from cuda_sources import ADD, run

pytestmark = pytest.mark.cells


@pytest.mark.parametrize(
    ("launch", "error"),
    [
        ("add[1, 8](x, x, 8)", "TypeError: add(const float* x, const float* y, float* out, int n) takes 4 arguments"),
        ("add[1, 8](x.double(), x, x, 8)", "TypeError: argument x of add is const float*, so its elements are float32"),
        ("add[1, 8](x, x, 3.0, 8)", "TypeError: argument out of add is a pointer: pass a tensor or an array"),
        ("add[1, 8](x, x, x, 8.0)", "TypeError: argument n of add is int, not float"),
        ("add[1, 8](x, x, x, 1 << 40)", "ValueError: argument n of add: 1099511627776 is no int"),
        ("add[1, 8](x[::2], x, x, 4)", "ValueError: argument x of add is not contiguous: pass .contiguous()"),
        ("add[1, 8](x[1:], x[:-1], x, 4)", "ValueError: x and y overlap: pass a copy of one"),
        ("add[1, 2048](x, x, x, 8)", "ValueError: a block has 1 to 1024 threads, at most 64 in z: (2048, 1, 1)"),
        ("add[(1, 70000), 8](x, x, x, 8)", "ValueError: a grid has at least one block, at most 65535 in y"),
        ("add(x, x, x, 8)", "TypeError: 'Kernel' object is not callable"),
        ("mul[1, 8](x, x, x, 8)", "AttributeError: cuda cell kernels has no kernel mul"),
    ],
)  # fmt: skip
def test_a_wrong_launch_is_refused(plain: Cells, launch: str, error: str) -> None:
    ended = run(plain, ADD, f"x = torch.zeros(8)\nk.{launch}")[-1]
    assert ended.error.splitlines()[-1].startswith(error)
    assert ended.launches == {}


@pytest.mark.parametrize(
    ("kernels", "line", "says"),
    [
        (ADD.replace("+ y[i]", "+ z[i]"), 14, "CompileError: ‘z’ was not declared in this scope"),
        (ADD.replace("int n)", "int n, T t)"), 12, "CompileError: parameter `T t`: write one of these types"),
        ("\n\ntemplate <class T>\n__global__ void f(float* x) {}", 13, "CompileError: f is a template"),
        ("int x;", 10, "CompileError: a cuda cell defines at least one `__global__ void kernel(…)`"),
        ("__shared__ float a[4];\n__global__ void f(float* x) { x[0] = a[0]; }", 10, "CompileError: declare"),
    ],
)  # fmt: skip
def test_a_compile_error_points_into_the_answer_file(plain: Cells, kernels: str, line: int, says: str) -> None:
    ended = run(plain, kernels, "")[0]
    assert (ended.status, ended.exception) == ("failed", "CompileError")
    assert ended.error.startswith(f'  File "source/demo/topic.md", line {line}\n')
    assert ended.error.splitlines()[-1].startswith(says), ended.error


def test_without_a_compiler_the_cell_says_so(plain: Cells) -> None:
    ended = plain("import os\nos.environ['PATH'] = '/nowhere'", snippet("kernels", ADD, language="cuda"))[-1]
    assert ended.status == "failed"
    assert ended.error.splitlines()[-1] == (
        "NoCompilerError: no g++ here: cuda cells are simulated with it, on Linux (apt install g++)"
    )


def test_resources_come_from_nvcc_or_say_that_there_is_none(plain: Cells) -> None:
    ended = run(plain, ADD, "r = k.add.resources\nassert 4 < r.registers < 64 and r.spill_stores == r.shared == 0")[-1]
    if shutil.which("nvcc"):
        assert (ended.status, ended.error) == ("ok", "")
    else:
        assert "NvccMissingError: no nvcc here" in ended.error
    assert bool(plain.engine.toolchain.nvcc) == bool(shutil.which("nvcc"))
    assert ended.launches == ({"kernels": "compiled"} if shutil.which("nvcc") else {})
