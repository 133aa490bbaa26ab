"""The same source for a real GPU of today, compiled where nvcc is at hand: what a kernel needs of the hardware."""

import os
import re
import shutil
import subprocess
import tempfile
from typing import Dict, NamedTuple, Optional

from .shim import complaint

ARCHITECTURE = "sm_90"
KERNEL = re.compile(r"Compiling entry function '(\w+)'.*?\n(.*?)(?=Compiling entry function|\Z)", re.DOTALL)


class Resources(NamedTuple):
    """What ptxas gives a kernel: registers for each thread, bytes of static shared memory, stack and spills."""

    registers: int
    shared: int
    stack: int
    spill_stores: int
    spill_loads: int


class NvccMissingError(RuntimeError):
    """No nvcc here: a cell that asks for `resources` says `needs=nvcc`."""

    __module__ = "builtins"


class Compilation:
    """One source on its way through nvcc; it is under way while other work is done."""

    def __init__(self, source: str, path: str, line: int) -> None:
        self._source, self._place = source, (path, line)
        self._folder = tempfile.TemporaryDirectory(prefix="nvcc-")
        self._process: "Optional[subprocess.Popen[bytes]]" = None
        nvcc = shutil.which("nvcc")
        if nvcc is not None:
            file = os.path.join(self._folder.name, "kernels.cu")
            with open(file, "w", encoding="utf-8") as stream:
                stream.write('#line %d "%s"\n' % (line, path.replace("\\", "/")) + source)
            command = [nvcc, "-std=c++17", "-arch=" + ARCHITECTURE, "-cubin", "-Xptxas", "-v", "-o", file + "bin", file]
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )

    def resources(self) -> Dict[str, Resources]:
        """By kernel; empty where there is no nvcc. Raises CompileError."""
        if self._process is None:
            return {}
        said = self._process.communicate()[0].decode("utf-8", "replace")
        self._folder.cleanup()
        if self._process.returncode:
            # nvcc writes file(line): error: …
            raise complaint(
                re.sub(r"^(.+?)\((\d+)\): ", r"\1:\2: ", said, flags=re.MULTILINE), self._source, self._place
            )
        return {_plain(match[1]): resources(match[2]) for match in KERNEL.finditer(said)}


def resources(text: str) -> Resources:
    """From what ptxas says about one kernel."""

    def number(pattern: str) -> int:
        found = re.search(pattern, text)
        return int(found[1]) if found else 0

    return Resources(
        number(r"Used (\d+) registers"), number(r"(\d+) bytes smem"), number(r"(\d+) bytes stack frame"),
        number(r"(\d+) bytes spill stores"), number(r"(\d+) bytes spill loads"),
    )  # fmt: skip


def _plain(mangled: str) -> str:
    found = re.match(r"_Z(\d+)", mangled)
    return mangled[found.end() : found.end() + int(found[1])] if found else mangled
