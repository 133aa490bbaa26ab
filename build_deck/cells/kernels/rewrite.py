"""From CUDA C++ to what g++ reads beside `cuda.h`: shared variables become memory that is watched. Lines stay where
they are; comments go.
"""

import re

from .signature import CompileError, Signature, without_comments

INCLUDE = re.compile(
    r'^[ \t]*#[ \t]*include[ \t]*[<"](?:cuda|cuda_runtime|cuda_fp16|cuda_bf16|math_constants)\.h[>"]', re.MULTILINE
)
SHARED = re.compile(r"\b((?:(?:static|extern|volatile)\s+)*)__shared__\b([^;={}]*);")
DECLARATOR = re.compile(r"(.*?)\s*\b(\w+)\s*((?:\[[^\[\]]*\]\s*)*)", re.DOTALL)
ALIGNED = re.compile(r"\b(?:__align__|alignas)\s*\([^()]*\)")


def translation(source: str, kernels: "tuple[Signature, ...]", path: str, line: int) -> str:
    """The C++ file for `source`, whose errors name `path` and its lines. Raises CompileError."""
    plain = INCLUDE.sub("", without_comments(source))
    place = '#include "cuda.h"\n#line %d "%s"\n' % (line, path.replace("\\", "/"))
    return place + SHARED.sub(lambda match: _shared(match, plain, path, line), plain) + "\n" + _entries(kernels)


def _shared(match: "re.Match[str]", plain: str, path: str, line: int) -> str:
    before = plain[: match.start()]
    if before.count("{") <= before.count("}"):
        where = line + before.count("\n")
        raise CompileError("declare shared memory inside the kernel", (path, where, None, None))
    words = match[1] + " " + ALIGNED.sub("", match[2])
    text = re.sub(r"\b(?:static|extern)\b", "", words).strip()
    made, base = [], ""
    for part in text.split(","):
        found = DECLARATOR.fullmatch(part.strip())
        if found is None:
            return match[0]
        base = found[1] or base
        made.append(_variable(base, found[2], found[3].strip(), extern="extern" in words))
    return " ".join(made) + "\n" * match[0].count("\n")


def _variable(base: str, name: str, dimensions: str, *, extern: bool) -> str:
    if extern:
        return "%s* %s = DYNAMIC(%s);" % (base, name, base)
    return "typedef %s %s_shared%s; %s_shared& %s = SHARED(%s_shared, %s);" % (
        base, name, dimensions, name, name, name, name
    )  # fmt: skip


def _entries(kernels: "tuple[Signature, ...]") -> str:
    lines = []
    for kernel in kernels:
        arguments = ["*(%s*)a[%d]" % (each.declared, at) for at, each in enumerate(kernel.parameters)]
        lines.append(
            'extern "C" void enter_%s(void** a) { %s(%s); }' % (kernel.name, kernel.name, ", ".join(arguments))
        )
    return "\n".join(lines) + "\n"
