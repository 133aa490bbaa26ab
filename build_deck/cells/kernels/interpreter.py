"""Triton's interpreter, watched: that a kernel has run, and where it reads and writes outside its arguments.

The interpreter itself reads foreign memory without a word. Nothing is loaded here that the cells do not use.
"""

import functools
import importlib
import importlib.util
import sys
from types import SimpleNamespace
from typing import Any, Callable, List, Tuple

from ..protocol import ON_GPU, SIMULATED
from .shim import OutOfBounds

TRITON = "triton"
"""The name under which launches are noted."""

Note = Callable[[str, str], None]


def watch(note: Note) -> None:
    """Have every launch of a Triton kernel noted, and those in the interpreter checked; nothing without Triton."""
    if importlib.util.find_spec("triton") is None:
        return
    jit = importlib.import_module("triton.runtime.jit")
    interpreter = importlib.import_module("triton.runtime.interpreter")
    checks = _Checks(interpreter)
    run, execute = jit.JITFunction.run, interpreter.GridExecutor.__call__

    @functools.wraps(run)
    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not kwargs.get("warmup"):
            note(TRITON, ON_GPU)
        return run(self, *args, **kwargs)

    @functools.wraps(execute)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        note(TRITON, SIMULATED)
        checks.begin(self.fn.__name__, [*zip(self.arg_names, args), *kwargs.items()])
        try:
            return execute(self, *args, **kwargs)
        except interpreter.InterpreterError as fault:
            if isinstance(fault.__cause__, AssertionError):
                raise fault.__cause__ from None
            raise

    jit.JITFunction.run, interpreter.GridExecutor.__call__ = noted, checked


class _Checks:
    """Compares addresses with the memory of the arguments of the launch that is under way."""

    def __init__(self, interpreter: Any) -> None:
        self._memory: Any = interpreter._interpreter
        self._builder = interpreter.interpreter_builder
        self._kernel = ""
        self._known: List[Tuple[str, int, int]] = []
        names = {name: getattr(self._memory, name) for name in dir(self._memory)}
        names.update(load=self._load, store=self._store, atomic_rmw=self._change, atomic_cas=self._exchange)
        interpreter._interpreter = SimpleNamespace(**names)

    def begin(self, kernel: str, arguments: List[Tuple[str, Any]]) -> None:
        """From now on `kernel` runs, with these arguments."""
        tensors = [(name, getattr(value, "base", value)) for name, value in arguments]
        stores = [(name, value.untyped_storage()) for name, value in tensors if hasattr(value, "untyped_storage")]
        self._kernel = kernel
        self._known = [(name, store.data_ptr(), store.data_ptr() + store.nbytes()) for name, store in stores]

    def _load(self, pointers: Any, mask: Any, other: Any, dtype: Any) -> Any:
        self._check(pointers[mask], other.itemsize, "reads")
        return self._memory.load(pointers, mask, other, dtype)

    def _store(self, pointers: Any, value: Any, mask: Any) -> Any:
        self._check(pointers[mask], value.itemsize, "writes")
        return self._memory.store(pointers, value, mask)

    def _change(self, operation: Any, pointers: Any, value: Any, mask: Any, order: Any) -> Any:
        self._check(pointers[mask], value.itemsize, "changes")
        return self._memory.atomic_rmw(operation, pointers, value, mask, order)

    def _exchange(self, pointers: Any, expected: Any, value: Any, order: Any) -> Any:
        self._check(pointers.reshape(-1), value.itemsize, "changes")
        return self._memory.atomic_cas(pointers, expected, value, order)

    def _check(self, addresses: Any, size: int, does: str) -> None:
        outside = sys.modules["numpy"].ones(addresses.shape, bool)
        for _, first, last in self._known:
            outside &= (addresses < first) | (addresses + size > last)
        if not outside.any():
            return
        address = int(addresses[outside][0])
        # the argument that it is nearest to
        name, first, last = min(
            self._known or [("", 0, 0)], key=lambda each: min(abs(address - each[1]), abs(address - each[2]))
        )
        program = ",".join(str(int(at)) for at in self._builder.grid_idx)
        raise OutOfBounds("%s: program (%s) %s %d bytes at offset %d of argument %s, which has %d bytes"
                          % (self._kernel, program, does, size, address - first, name, last - first))  # fmt: skip
