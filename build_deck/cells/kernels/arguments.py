"""What a launch is given, checked against the kernel's signature: tensors and arrays to memory, numbers to C values."""

import ctypes
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .signature import TYPES, Parameter, Signature

SCALARS: Dict[str, Any] = {
    "float32": ctypes.c_float, "float64": ctypes.c_double, "bool": ctypes.c_bool,
    "int8": ctypes.c_int8, "int16": ctypes.c_int16, "int32": ctypes.c_int32, "int64": ctypes.c_int64,
    "uint8": ctypes.c_uint8, "uint16": ctypes.c_uint16, "uint32": ctypes.c_uint32, "uint64": ctypes.c_uint64,
}  # fmt: skip
VECTORS = ("2", "3", "4")


@dataclass(frozen=True)
class Memory:
    """Elements that lie together: where, how many bytes, on which device, whether they may be written."""

    address: int
    size: int
    device: str
    writable: bool = True


@dataclass(frozen=True)
class Given:
    """One argument: memory for a pointer, a C value for a scalar."""

    parameter: Parameter
    memory: Optional[Memory] = None
    value: Any = None


@dataclass(frozen=True)
class Shape:
    """How many blocks and threads, and bytes of dynamic shared memory."""

    grid: Tuple[int, int, int]
    block: Tuple[int, int, int]
    shared: int = 0


MOST_BLOCKS, MOST_BLOCKS_YZ, MOST_THREADS, MOST_THREADS_Z = (1 << 31) - 1, 65535, 1024, 64
MOST_SHARED = 227 << 10
"""Bytes of shared memory that a block can have on sm_90."""


def shape(configuration: Any) -> Shape:
    """From `[grid, block]` or `[grid, block, shared_bytes]`. Raises ValueError for what no GPU launches."""
    if not isinstance(configuration, tuple) or len(configuration) not in (2, 3):
        raise ValueError("launch a kernel as kernel[grid, block](…) or kernel[grid, block, shared_bytes](…)")
    grid, block = _three(configuration[0], "grid"), _three(configuration[1], "block")
    shared = int(configuration[2]) if len(configuration) == 3 else 0
    threads = block[0] * block[1] * block[2]
    if not 1 <= threads <= MOST_THREADS or min(block) < 1 or block[2] > MOST_THREADS_Z:
        raise ValueError("a block has 1 to %d threads, at most %d in z: %r" % (MOST_THREADS, MOST_THREADS_Z, block))
    if min(grid) < 1 or grid[0] > MOST_BLOCKS or max(grid[1:]) > MOST_BLOCKS_YZ:
        raise ValueError("a grid has at least one block, at most %d in y and z: %r" % (MOST_BLOCKS_YZ, grid))
    if not 0 <= shared <= MOST_SHARED:
        raise ValueError("a block has at most %d bytes of shared memory, not %d" % (MOST_SHARED, shared))
    return Shape(grid, block, shared)


def given(kernel: Signature, arguments: Sequence[Any]) -> Tuple[Given, ...]:
    """The arguments as the kernel takes them. Raises TypeError and ValueError, naming the parameter."""
    names = ", ".join("%s %s" % (each.declared, each.name) for each in kernel.parameters)
    if len(arguments) != len(kernel.parameters):
        raise TypeError(
            "%s(%s) takes %d arguments, not %d" % (kernel.name, names, len(kernel.parameters), len(arguments))
        )
    values = tuple(_one(kernel.name, each, value) for each, value in zip(kernel.parameters, arguments))
    _apart(values)
    return values


def _apart(values: Tuple[Given, ...]) -> None:
    """Two pointers lead to the same memory or to memory that is apart: each is copied for itself."""
    known = [(each.parameter.name, each.memory.address, each.memory.size) for each in values if each.memory is not None]
    for at, (name, address, size) in enumerate(known):
        for other, start, length in known[:at]:
            if (address, size) != (start, length) and address < start + length and start < address + size:
                raise ValueError("%s and %s overlap: pass a copy of one" % (other, name))


def _one(kernel: str, parameter: Parameter, value: Any) -> Given:
    what = "argument %s of %s" % (parameter.name, kernel)
    if not parameter.pointer:
        return Given(parameter, value=_scalar(what, parameter, value))
    if hasattr(value, "data_ptr"):
        name, contiguous = str(value.dtype).rpartition(".")[2], value.is_contiguous()
        memory = Memory(value.data_ptr(), value.numel() * value.element_size(), value.device.type)
    elif hasattr(value, "__array_interface__"):
        name, contiguous = str(value.dtype), value.flags.c_contiguous
        memory = Memory(value.ctypes.data, value.nbytes, "cpu", value.flags.writeable)
    else:
        raise TypeError("%s is a pointer: pass a tensor or an array, not %s" % (what, type(value).__name__))
    if name not in TYPES[parameter.type]:
        wanted = " or ".join(TYPES[parameter.type])
        raise TypeError("%s is %s, so its elements are %s, not %s" % (what, parameter.declared, wanted, name))
    if not contiguous:
        raise ValueError("%s is not contiguous: pass .contiguous()" % what)
    if not parameter.const and not memory.writable:
        raise ValueError("%s is written by the kernel, and the array is read-only" % what)
    return Given(parameter, memory)


def _scalar(what: str, parameter: Parameter, value: Any) -> Any:
    made = SCALARS.get(TYPES[parameter.type][0])
    if made is None or parameter.type.endswith(VECTORS):
        raise TypeError("%s: pass a %s through memory, or as float" % (what, parameter.type))
    if hasattr(value, "item") and not getattr(value, "shape", ()):
        value = value.item()
    wanted = (int, float) if made in (ctypes.c_float, ctypes.c_double) else int
    if not isinstance(value, wanted):
        raise TypeError("%s is %s, not %s" % (what, parameter.type, type(value).__name__))
    scalar: Any = made(value)
    if wanted is int and scalar.value != value:
        raise ValueError("%s: %d is no %s" % (what, value, parameter.type))
    return scalar


def _three(value: Any, what: str) -> Tuple[int, int, int]:
    sizes: List[int] = [int(each) for each in value] if isinstance(value, (tuple, list)) else [int(value)]
    if not 1 <= len(sizes) <= 3:
        raise ValueError("%s has one to three sizes, not %d" % (what, len(sizes)))
    sizes += [1] * (3 - len(sizes))
    return sizes[0], sizes[1], sizes[2]
