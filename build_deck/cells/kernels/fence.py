"""What cells see: `cuda("cell-id").kernel[grid, block](…)`; and where each fence's kernels have run, for its level."""

import sys
from typing import Any, Dict, Optional, Tuple

from ..protocol import COMPILED, ON_GPU, SIMULATED
from .arguments import Given, Shape, given, shape
from .device import Module
from .nvcc import Compilation, NvccMissingError, Resources
from .shim import Counts, Library, NoCompilerError
from .signature import Signature, signatures


class Workshop:
    """The cuda cells of one job. Called with a cell's id, or with nothing for the latest, it gives its kernels."""

    def __init__(self) -> None:
        self.launches: Dict[str, str] = {}
        """By cell id: where its kernels have run, SIMULATED if any did."""
        self._fences: Dict[str, Fence] = {}

    def build(self, cell: str, source: str, path: str, line: int) -> None:
        """Compile a cell, which begins on `line` of `path`. Raises CompileError and NoCompilerError."""
        self._fences.pop(cell, None)
        self._fences[cell] = Fence(self, cell, (source, path, line))

    def __call__(self, cell: str = "") -> "Fence":
        """The kernels of `cell`, or of the latest one. Raises KeyError."""
        if not self._fences or (cell and cell not in self._fences):
            raise KeyError("no cuda cell %s before this one" % cell)
        return self._fences[cell or list(self._fences)[-1]]

    def note(self, cell: str, where: str) -> None:
        """Remember a launch, or that somebody looked at what was compiled."""
        weights = (COMPILED, ON_GPU, SIMULATED)
        self.launches[cell] = max(self.launches.get(cell, where), where, key=weights.index)

    def end_cell(self) -> Dict[str, str]:
        """What there is to remember when a cell has ended; a mere look counts for that cell alone."""
        now = dict(self.launches)
        self.launches = {name: where for name, where in now.items() if where != COMPILED}
        return now


class Fence:
    """The kernels of one cuda cell, as attributes."""

    def __init__(self, workshop: Workshop, cell: str, text: Tuple[str, str, int]) -> None:
        self._workshop, self._cell, self._text = workshop, cell, text
        self._kernels = signatures(*text)
        compilation = Compilation(*text)
        self.library = _library(text, self._kernels)
        self.resources = compilation.resources()
        self._module: Optional[Module] = None

    def __getattr__(self, name: str) -> "Kernel":
        for each in self.__dict__.get("_kernels", ()):
            if each.name == name:
                return Kernel(self, each)
        raise AttributeError("cuda cell %s has no kernel %s" % (self.__dict__.get("_cell"), name))

    def module(self) -> Module:
        """The kernels built for torch's current GPU."""
        if self._module is None:
            source, path, line = self._text
            self._module = Module(source, self._kernels, path, line)
        return self._module

    def note(self, where: str) -> None:
        """Remember that a kernel has run."""
        self._workshop.note(self._cell, where)


class Kernel:
    """One kernel; indexed with `[grid, block]` or `[grid, block, shared_bytes]` it can be launched."""

    def __init__(self, fence: Fence, signature: Signature) -> None:
        self._fence, self.signature = fence, signature

    def __getitem__(self, configuration: Any) -> "Launch":
        return Launch(self._fence, self.signature, shape(configuration))

    @property
    def resources(self) -> Resources:
        """Registers and memory on sm_90. Raises NvccMissingError where the kernel was not compiled for it."""
        if self.signature.name not in self._fence.resources:
            raise NvccMissingError("no nvcc here: a cell that asks for resources says needs=nvcc")
        self._fence.note(COMPILED)
        return self._fence.resources[self.signature.name]


class Launch:
    """A kernel with its configuration; call it with the kernel's arguments."""

    def __init__(self, fence: Fence, signature: Signature, configuration: Shape) -> None:
        self._fence, self._signature, self._shape = fence, signature, configuration

    def __call__(self, *arguments: Any) -> None:
        """Run it where the tensors lie; on the CPU it has ended when this returns, on a GPU it may go on.

        Raises TypeError and ValueError for arguments that do not fit, AssertionErrors of `shim` for what it does wrong.
        """
        values = given(self._signature, arguments)
        if _device(values) == "cpu":
            self._simulate(values, counted=False)
        else:
            self._fence.note(ON_GPU)
            self._fence.module().launch(self._signature, self._shape, values)

    def count(self, *arguments: Any) -> Counts:
        """Run it on the CPU and count what its warps ask of memory. The same errors, and ValueError for a GPU."""
        values = given(self._signature, arguments)
        if _device(values) != "cpu":
            raise ValueError("requests are counted on the CPU: pass tensors that lie there")
        return self._simulate(values, counted=True)

    def _simulate(self, values: Tuple[Given, ...], *, counted: bool) -> Counts:
        if self._fence.library is None:
            raise NoCompilerError("no g++ here: pass tensors that lie on the GPU")
        self._fence.note(SIMULATED)
        return self._fence.library.launch(self._signature, self._shape, values, counted=counted)


def _library(text: Tuple[str, str, int], kernels: Tuple[Signature, ...]) -> Optional[Library]:
    """What simulates the kernels; None on a machine that has a GPU and no compiler."""
    source, path, line = text
    try:
        return Library(source, kernels, path, line)
    except NoCompilerError:
        torch = sys.modules.get("torch")
        if torch is None or not torch.cuda.is_available():
            raise
        return None


def _device(values: Tuple[Given, ...]) -> str:
    devices = {each.memory.device for each in values if each.memory is not None} or {"cpu"}
    if len(devices) > 1 or devices - {"cpu", "cuda"}:
        raise ValueError("the tensors of one launch lie on %s" % " and ".join(sorted(devices)))
    return devices.pop()
