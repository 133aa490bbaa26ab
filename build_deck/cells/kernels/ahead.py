"""Triton kernels compiled for a GPU that is not there: PTX, machine code, and what they need of the hardware.

The interpreter and the compiler cannot share a process, so the kernel's text, with what it refers to, is compiled in
one of its own.
"""

import inspect
import json
import os
import subprocess
import sys
import tempfile
from types import ModuleType
from typing import Any, Dict, List, NamedTuple

from .nvcc import KERNEL, Resources, resources
from .signature import CompileError

PLAIN = (bool, int, float, str)
SCRIPT = """
import json, os, sys
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
namespace = {"__name__": "kernels"}
order = json.load(open(sys.argv[1]))
import linecache
linecache.cache[order["path"]] = (1, None, order["source"].splitlines(True), order["path"])
exec(compile(order["source"], order["path"], "exec"), namespace)
kernel = namespace[order["name"]]
while not isinstance(kernel, triton.runtime.JITFunction):
    kernel = kernel.fn
aligned = {(at,): [["tt.divisibility", 16]] for at in order["aligned"]}
source = ASTSource(kernel, signature=order["signature"], constexprs=order["constants"], attrs=aligned)
made = triton.compile(source, target=GPUTarget("cuda", 90, 32), options=order["options"])
open(sys.argv[2] + ".cubin", "wb").write(made.asm["cubin"])
open(sys.argv[2] + ".ptx", "w").write(made.asm["ptx"])
tools = triton.knobs.nvidia
json.dump([made.metadata.shared, tools.ptxas_blackwell.path, tools.cuobjdump.path], sys.stdout)
"""


class Compiled(NamedTuple):
    """A Triton kernel for sm_90a, compiled and not run."""

    ptx: str
    sass: str
    """Machine instructions, one on a line."""
    resources: Resources


def compiled(kernel: Any, *types: str, num_warps: int = 4, num_stages: int = 3, **constants: Any) -> Compiled:
    """Compile a `@triton.jit` function for sm_90.

    `types` are those of its arguments that are not constants, in order: `*fp32`, `*fp16`, `i32` …; pointers are taken
    to be aligned to 16 bytes, as torch's are, and so are integers written `i32:16`. Raises CompileError.
    """
    function = _function(kernel)
    names = list(inspect.signature(function).parameters)
    free = [name for name in names if name not in constants]
    if len(free) != len(types):
        raise TypeError("%s has the arguments %s: give %d types" % (function.__name__, ", ".join(free), len(free)))
    told = dict(zip(free, types))
    aligned = [name for name, type_ in told.items() if type_.startswith("*") or type_.endswith(":16")]
    order = {
        "path": function.__code__.co_filename, "name": function.__name__, "source": _text(function),
        "signature": {name: told.get(name, "constexpr").partition(":")[0] for name in names}, "constants": constants,
        "aligned": [names.index(name) for name in aligned],
        "options": {"num_warps": num_warps, "num_stages": num_stages},
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="triton-") as folder:
        return _compile(order, os.path.join(folder, "kernel"))


def _compile(order: Dict[str, Any], stem: str) -> Compiled:
    with open(stem + ".json", "w", encoding="utf-8") as stream:
        json.dump(order, stream)
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    environment["TRITON_DEFAULT_FP_FUSION"] = "1"
    command = [sys.executable, "-c", SCRIPT, stem + ".json", stem]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise CompileError(done.stderr.decode("utf-8", "replace").strip()[-2000:], (order["path"], None, None, None))
    shared, assembler, dump = json.loads(done.stdout)
    with open(stem + ".ptx", encoding="utf-8") as stream:
        ptx = stream.read()
    said = _said(assembler, "-v", "--gpu-name=sm_90a", "-o", stem + ".again", stem + ".ptx")
    sass = _said(dump, "--dump-sass", stem + ".cubin")
    found = KERNEL.search(said)
    assert found is not None, said
    return Compiled(ptx, sass, resources(found[2])._replace(shared=shared))


def _said(*command: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode("utf-8", "replace")


def _function(kernel: Any) -> Any:
    while not inspect.isfunction(kernel):
        kernel = kernel.fn
    return kernel


def _text(function: Any) -> str:
    """The functions and constants that `function` refers to, then itself."""
    pieces: List[str] = []
    _collect(function, pieces, set())
    return "\n".join(pieces)


def _collect(function: Any, pieces: List[str], seen: "set[str]") -> None:
    used = set(function.__code__.co_names)
    for name, value in function.__globals__.items():
        if name in seen:
            continue
        if isinstance(value, ModuleType) and (name in used or value.__name__.startswith("triton")):
            seen.add(name)
            pieces.append("import %s as %s" % (value.__name__, name))
        elif name in used and hasattr(value, "fn"):
            seen.add(name)
            _collect(_function(value), pieces, seen)
        elif name in used and isinstance(getattr(value, "value", value), PLAIN):
            seen.add(name)
            made = "%s = %r" if isinstance(value, PLAIN) else "%s = tl.constexpr(%r)"
            pieces.append(made % (name, getattr(value, "value", value)))
    pieces.append(inspect.getsource(function))
