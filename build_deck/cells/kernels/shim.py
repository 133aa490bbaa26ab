"""Kernels on the CPU: built by g++ beside `cuda.h`, launched through ctypes, every fault an AssertionError in words.

A launch copies what its pointers point to into memory with nothing around it, so that no access next to it goes
unnoticed, and copies back what the kernel may write.
"""

import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile
from typing import List, NamedTuple, Tuple

from .arguments import Given, Shape
from .rewrite import translation
from .signature import CompileError, Signature

HERE = os.path.dirname(os.path.abspath(__file__))
FLAGS = (
    "-std=c++17", "-O2", "-w", "-fPIC", "-shared", "-fno-exceptions", "-fno-rtti", "-fno-strict-aliasing",
    "-fdiagnostics-color=never", "-fno-diagnostics-show-caret", "-U_FORTIFY_SOURCE",
    # the hooks without the library that they are made for
    "-fsanitize=thread", "--param", "tsan-instrument-func-entry-exit=0", "-nodefaultlibs",
    "-fno-tree-sra",  # a float4 is loaded whole, as by a GPU, and not member by member
)  # fmt: skip
LIBRARIES = ("-lm", "-lc", "-lgcc")
ERROR = re.compile(r"^(.+?):(\d+):(?:(\d+):)? (?:fatal )?error: (.*)$", re.MULTILINE)


class NoCompilerError(RuntimeError):
    """There is no g++ here, so CUDA C++ cannot be simulated."""

    __module__ = "builtins"


class OutOfBounds(AssertionError):  # noqa: N818  (what cells promise with raises=)
    """A kernel reads or writes outside an argument or a shared variable."""

    __module__ = "builtins"


class MisalignedAddress(AssertionError):  # noqa: N818
    """A kernel reads or writes 2, 4, 8 or 16 bytes at an address that is no multiple of as many."""

    __module__ = "builtins"


class DivergentBarrier(AssertionError):  # noqa: N818
    """Threads of one block wait for each other at different places, or for threads that have ended."""

    __module__ = "builtins"


class SharedMemoryRace(AssertionError):  # noqa: N818
    """Two threads use the same shared memory, one writes, and nothing between puts them in order."""

    __module__ = "builtins"


class Global(NamedTuple):
    """Requests of whole warps to global memory, and the 32-byte sectors that they touch."""

    requests: int
    sectors: int


class Shared(NamedTuple):
    """Requests of whole warps to shared memory, and the turns that the 32 banks need for them."""

    requests: int
    wavefronts: int


class Counts(NamedTuple):
    """What one launch asked of memory."""

    loads: Global
    stores: Global
    shared_loads: Shared
    shared_stores: Shared


class _Place(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint) for name in "xyz"]

    def __str__(self) -> str:
        return "(%d,%d,%d)" % (self.x, self.y, self.z)


class Report(ctypes.Structure):
    """`machine::Report`."""

    _fields_ = [
        *[(name, ctypes.c_int) for name in ("kind", "store", "line", "others")],
        ("where", ctypes.c_uint), ("offset", ctypes.c_int64), ("size", ctypes.c_int64),
        ("block", _Place), ("thread", _Place), ("other", _Place), ("name", ctypes.c_char_p),
        ("counts", ctypes.c_int64 * 8),
    ]  # fmt: skip


class Argument(ctypes.Structure):
    """`machine::Argument`."""

    _fields_ = [("host", ctypes.c_void_p), ("size", ctypes.c_size_t), ("writes", ctypes.c_int)]


class Library:
    """The kernels of one fence, built."""

    def __init__(self, source: str, kernels: Tuple[Signature, ...], path: str, line: int) -> None:
        """Raises CompileError, and NoCompilerError."""
        with tempfile.TemporaryDirectory(prefix="kernels-") as folder:
            file, built = os.path.join(folder, "kernels.cpp"), os.path.join(folder, "kernels.so")
            with open(file, "w", encoding="utf-8") as stream:
                stream.write(translation(source, kernels, path, line))
            _compile(file, built, source, (path, line))
            self._library = ctypes.CDLL(built)

    def launch(self, kernel: Signature, shape: Shape, arguments: Tuple[Given, ...], *, counted: bool) -> Counts:
        """Carry out one launch; its counts are zero unless `counted`. Raises AssertionErrors of this module."""
        buffers, places = _buffers(arguments)
        pointers = (ctypes.c_void_p * max(1, len(arguments)))()
        for at, each in enumerate(arguments):
            if each.memory is None:
                pointers[at] = ctypes.cast(ctypes.pointer(each.value), ctypes.c_void_p)
        report = Report()
        self._library.proofdeck_launch(
            getattr(self._library, "enter_" + kernel.name), pointers, (ctypes.c_int * max(1, len(places)))(*places),
            ctypes.c_uint(len(arguments)), (Argument * max(1, len(buffers)))(*buffers), ctypes.c_uint(len(buffers)),
            (ctypes.c_uint * 6)(*shape.grid, *shape.block), ctypes.c_size_t(shape.shared), ctypes.c_int(counted),
            ctypes.byref(report),
        )  # fmt: skip
        if report.kind:
            raise _fault(report, kernel, arguments, places)
        pairs = [tuple(report.counts[at : at + 2]) for at in (0, 2, 4, 6)]
        return Counts(Global(*pairs[0]), Global(*pairs[1]), Shared(*pairs[2]), Shared(*pairs[3]))


def _compile(file: str, built: str, source: str, place: Tuple[str, int]) -> None:
    compiler = shutil.which("g++") if sys.platform == "linux" else None
    if compiler is None:
        raise NoCompilerError("no g++ here: cuda cells are simulated with it, on Linux (apt install g++)")
    command = [compiler, *FLAGS, "-I", HERE, "-o", built, file, *LIBRARIES]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise complaint(done.stderr.decode("utf-8", "replace").replace(file, "kernels.cpp"), source, place)


def complaint(said: str, source: str, place: Tuple[str, int]) -> CompileError:
    """A compiler's first error in the answer file, or all it said."""
    path, line = place
    for match in ERROR.finditer(said):
        if match[1] == path:
            at = int(match[2]) - line
            lines = source.split("\n")
            text = lines[at] if 0 <= at < len(lines) else None
            return CompileError(match[4], (path, int(match[2]), int(match[3] or 0) or None, text))
    return CompileError(said.strip()[-2000:], (path, line, None, None))


def _buffers(arguments: Tuple[Given, ...]) -> Tuple[List[Argument], List[int]]:
    """Every piece of memory once, and for each parameter which one it points to."""
    buffers: List[Argument] = []
    places: List[int] = []
    for each in arguments:
        memory = each.memory
        if memory is None:
            places.append(-1)
            continue
        for at, known in enumerate(buffers):
            if (known.host or 0, known.size) == (memory.address, memory.size):
                known.writes |= not each.parameter.const
                places.append(at)
                break
        else:
            places.append(len(buffers))
            buffers.append(Argument(memory.address, memory.size, not each.parameter.const))
    return buffers, places


def _fault(report: Report, kernel: Signature, arguments: Tuple[Given, ...], places: List[int]) -> Exception:
    who = "%s: thread %s of block %s" % (kernel.name, report.thread, report.block)
    does = "writes" if report.store else "reads"
    shared = "shared memory " + (report.name.decode() or "(dynamic)") if report.name is not None else ""
    if report.kind == 9:
        what = shared or "argument " + arguments[places.index(report.where)].parameter.name
        return MisalignedAddress("%s %s %d bytes at offset %d of %s, which is no multiple of %d"
                                 % (who, does, report.size, report.offset, what, report.size))  # fmt: skip
    if report.kind in (1, 2):
        if report.kind == 1:
            at = places.index(report.where)
            what, size = "argument " + arguments[at].parameter.name, arguments[at].memory.size  # type: ignore[union-attr]
        else:
            what, size = shared, report.others
        return OutOfBounds("%s %s %d bytes at offset %d of %s, which has %d bytes"
                           % (who, does, report.size, report.offset, what, size))  # fmt: skip
    if report.kind == 3:
        return OutOfBounds("%s %s through a null pointer" % (who, does))
    if report.kind == 6:
        other = "reads what thread %s has written" if not report.store else "writes what thread %s has used"
        return SharedMemoryRace("%s %s at offset %d of %s with no barrier between"
                                % (who, other % report.other, report.offset, shared))  # fmt: skip
    return _waiting(report, kernel)


def _waiting(report: Report, kernel: Signature) -> Exception:
    who = "%s: block %s" % (kernel.name, report.block)
    if report.kind == 4 and report.others:
        return DivergentBarrier("%s waits at two barriers, in lines %d and %d" % (who, report.line, report.others))
    if report.kind == 4:
        return DivergentBarrier("%s: only %d of %d threads reach the barrier in line %d; the others have ended"
                                % (who, report.size, report.offset, report.line))  # fmt: skip
    if report.kind == 5:
        return DivergentBarrier("%s: deadlock: a warp waits for lanes that do not come" % who)
    if report.kind == 7:
        return ValueError("%s: more than 48 KiB of static shared memory" % kernel.name)
    return MemoryError("%s: its arguments are too large for the simulation" % kernel.name)
