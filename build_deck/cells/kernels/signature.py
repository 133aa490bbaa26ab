"""Which kernels a CUDA source defines and what they take. Reads plain declarations; anything cleverer is refused."""

import re
from dataclasses import dataclass
from typing import Dict, Tuple

KERNEL = re.compile(
    r"(template\s*<[^;{}]*>\s*)?__global__\s+(?:static\s+|inline\s+)?(?:__launch_bounds__\s*\([^)]*\)\s*)?"
    r"void\s+(?:__launch_bounds__\s*\([^)]*\)\s*)?(\w+)\s*\(([^()]*)\)"
)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
PARAMETER = re.compile(r"([\w ]+?)\s*(\*?)\s*\b(\w+)")

TYPES: Dict[str, Tuple[str, ...]] = {
    "float": ("float32",), "float2": ("float32",), "float3": ("float32",), "float4": ("float32",),
    "double": ("float64",), "double2": ("float64",), "half": ("float16",), "half2": ("float16",),
    "__half": ("float16",), "__half2": ("float16",), "__nv_bfloat16": ("bfloat16",), "bool": ("bool",),
    "char": ("int8",), "signed char": ("int8",), "int8_t": ("int8",), "unsigned char": ("uint8",),
    "uint8_t": ("uint8",), "short": ("int16",), "int16_t": ("int16",),
    "unsigned short": ("uint16", "int16"), "uint16_t": ("uint16", "int16"),
    "int": ("int32",), "int32_t": ("int32",), "int2": ("int32",), "int3": ("int32",), "int4": ("int32",),
    "unsigned": ("uint32", "int32"), "unsigned int": ("uint32", "int32"), "uint32_t": ("uint32", "int32"),
    "uint2": ("uint32", "int32"), "uint4": ("uint32", "int32"),
    "long long": ("int64",), "int64_t": ("int64",), "unsigned long long": ("uint64", "int64"),
    "uint64_t": ("uint64", "int64"), "size_t": ("uint64", "int64"),
}  # fmt: skip
"""What a parameter may be made of, and which elements of a tensor it can point to."""


class CompileError(SyntaxError):
    """The source is no CUDA C++, or more than kernels in cells can be; says where in the answer file."""

    __module__ = "builtins"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kernel: a pointer to `type`, or a scalar of it."""

    name: str
    type: str
    pointer: bool
    const: bool

    @property
    def declared(self) -> str:
        """As C++ writes it."""
        return "%s%s%s" % ("const " if self.const else "", self.type, "*" if self.pointer else "")


@dataclass(frozen=True)
class Signature:
    """A kernel's name and what it takes."""

    name: str
    parameters: Tuple[Parameter, ...]


def signatures(source: str, path: str, line: int) -> Tuple[Signature, ...]:
    """The kernels of `source`, which begins on `line` of `path`. Raises CompileError."""
    plain = without_comments(source)
    found = []
    for match in KERNEL.finditer(plain):
        where = line + plain.count("\n", 0, match.start(2))
        if match[1]:
            raise _fault(
                "%s is a template: write a __global__ function that calls a __device__ one" % match[2], path, where
            )
        texts = [text for text in match[3].split(",") if text.strip()]
        found.append(Signature(match[2], tuple(_parameter(text, path, where) for text in texts)))
    if not found:
        raise _fault("a cuda cell defines at least one `__global__ void kernel(…)`", path, line)
    return tuple(found)


def without_comments(source: str) -> str:
    """The same lines with nothing in place of comments."""
    return COMMENT.sub(lambda match: "\n" * match[0].count("\n"), source)


def _parameter(text: str, path: str, line: int) -> Parameter:
    const = re.search(r"\bconst\b[^*]*(?:\*|$)", text) is not None
    bare = " ".join(re.sub(r"\b(?:const|volatile|__restrict__|__restrict)\b", " ", text).replace("*", " * ").split())
    match = PARAMETER.fullmatch(bare)
    if match is None or match[1] not in TYPES:
        known = ", ".join(TYPES)
        raise _fault(
            "parameter `%s`: write one of these types, or a pointer to it: %s" % (text.strip(), known), path, line
        )
    return Parameter(match[3], match[1], bool(match[2]), const)


def _fault(text: str, path: str, line: int) -> CompileError:
    return CompileError(text, (path, line, None, None))
