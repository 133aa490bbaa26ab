"""Kernels on a real GPU, where torch sees one: built by the NVRTC that came with torch, launched by the driver.

UNTESTED on a GPU: NVRTC 13.0 has compiled for sm_90 through it, the driver's part is written from its documentation.
Nothing of it runs when the tensors lie on the CPU.
"""

import ctypes
import glob
import os
import sys
from typing import Any, Dict, Tuple

from .arguments import Given, Shape
from .signature import CompileError, Signature

MAX_DYNAMIC_SHARED = 8
"""CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES; beyond 48 KiB it has to be asked for."""


class DeviceError(RuntimeError):
    """NVRTC or the driver refuses."""

    __module__ = "builtins"


class Module:
    """The kernels of one fence, built for the current device of torch."""

    def __init__(self, source: str, kernels: Tuple[Signature, ...], path: str, line: int) -> None:
        """Raises CompileError and DeviceError."""
        torch = sys.modules["torch"]
        torch.zeros(1, device="cuda")  # makes torch's context the current one
        self._driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        major, minor = torch.cuda.get_device_capability()
        text = '#line %d "%s"\n' % (line, path) + source
        binary, names = _nvrtc(text, tuple(each.name for each in kernels), "sm_%d%d" % (major, minor), (path, line))
        module = ctypes.c_void_p()
        self._check(self._driver.cuModuleLoadData(ctypes.byref(module), binary))
        self._functions: Dict[str, ctypes.c_void_p] = {}
        for kernel, name in names.items():
            function = ctypes.c_void_p()
            self._check(self._driver.cuModuleGetFunction(ctypes.byref(function), module, name))
            self._functions[kernel] = function

    def launch(self, kernel: Signature, shape: Shape, arguments: Tuple[Given, ...]) -> None:
        """Start one launch on torch's current stream; it is not waited for. Raises DeviceError."""
        values = [each.value if each.memory is None else ctypes.c_void_p(each.memory.address) for each in arguments]
        pointers = (ctypes.c_void_p * max(1, len(values)))(
            *(ctypes.cast(ctypes.pointer(value), ctypes.c_void_p) for value in values)
        )
        function = self._functions[kernel.name]
        if shape.shared > 48 << 10:
            self._check(self._driver.cuFuncSetAttribute(function, MAX_DYNAMIC_SHARED, shape.shared))
        stream = ctypes.c_void_p(sys.modules["torch"].cuda.current_stream().cuda_stream)
        sizes = [ctypes.c_uint(size) for size in (*shape.grid, *shape.block, shape.shared)]
        self._check(self._driver.cuLaunchKernel(function, *sizes, stream, pointers, None))

    def _check(self, status: int) -> None:
        if status:
            text = ctypes.c_char_p()
            self._driver.cuGetErrorString(status, ctypes.byref(text))
            raise DeviceError("CUDA: %s" % (text.value or b"error %d" % status).decode())


def _nvrtc(source: str, kernels: Tuple[str, ...], target: str, place: Tuple[str, int]) -> Tuple[Any, Dict[str, bytes]]:
    """The machine code for `target`, and the kernels' names in it."""
    library, program = _library(), ctypes.c_void_p()
    _accept(library.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None))
    for kernel in kernels:
        _accept(library.nvrtcAddNameExpression(program, kernel.encode()))
    options = [b"--gpu-architecture=" + target.encode(), b"--std=c++17", *_includes()]
    status = library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    size = ctypes.c_size_t()
    if status:
        library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(size.value)
        library.nvrtcGetProgramLog(program, log)
        raise CompileError(log.value.decode("utf-8", "replace")[:2000], (*place, None, None))
    _accept(library.nvrtcGetCUBINSize(program, ctypes.byref(size)))
    binary = ctypes.create_string_buffer(size.value)
    _accept(library.nvrtcGetCUBIN(program, binary))
    names: Dict[str, bytes] = {}
    for kernel in kernels:
        lowered = ctypes.c_char_p()
        _accept(library.nvrtcGetLoweredName(program, kernel.encode(), ctypes.byref(lowered)))
        names[kernel] = lowered.value or b""
    return binary, names


def _accept(status: int) -> None:
    if status:
        raise DeviceError("NVRTC refuses with status %d" % status)


def _library() -> ctypes.CDLL:
    major = str(sys.modules["torch"].version.cuda).partition(".")[0]
    names = ["libnvrtc.so.%s" % major, "libnvrtc.so", "nvrtc64_%s0_0.dll" % major]
    for part in _packaged("lib/libnvrtc-builtins.so*"):
        ctypes.CDLL(part)  # NVRTC asks for it by a name that the loader would not find
    for name in [*names, *_packaged("lib/libnvrtc.so*")]:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise DeviceError("no NVRTC: it comes with torch for CUDA, or with the CUDA toolkit")


def _includes() -> Tuple[bytes, ...]:
    folders = _packaged("include/cuda_fp16.h") or glob.glob("/usr/local/cuda/include/cuda_fp16.h")
    return tuple(b"-I" + os.path.dirname(folder).encode() for folder in folders[:1])


def _packaged(pattern: str) -> "list[str]":
    """Files of the packages that torch for CUDA brings along."""
    packages = os.path.dirname(os.path.dirname(str(sys.modules["torch"].__file__)))
    return sorted(glob.glob(os.path.join(packages, "nvidia", "*", pattern)))
