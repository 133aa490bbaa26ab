"""The environment variables of the processes that run cells, and where these look for programs.

Nothing of the caller's gets through, which may hold passwords and tokens, but what a GPU's libraries cannot do without.
"""

import ntpath
import os
import posixpath
import sys
from typing import Dict, Iterator, List, Mapping

from .protocol import Interpreter

ALWAYS = {
    "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1", "MPLBACKEND": "Agg", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1", "DS_ACCELERATOR": "cpu", "LC_ALL": "C.UTF-8", "TZ": "UTC", "GLOO_SOCKET_IFNAME": "lo",
    "JE_ARROW_MALLOC_CONF": "background_thread:false", "TRITON_INTERPRET": "1",
}  # fmt: skip
"""What makes runs repeat themselves.

Triton kernels are interpreted, because there is no GPU for them. pyarrow's allocator would start a thread in the
server, which could then not fork. DeepSpeed, which other libraries load where they find it, would print the time.
"""

WINDOWS = ("SYSTEMROOT", "WINDIR", "SYSTEMDRIVE", "COMSPEC", "PATHEXT")
"""Without these no program of Windows starts another, and sockets do not open."""
GPU = ("NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_TF32_OVERRIDE", "CC", "CXX", "LD_LIBRARY_PATH")
"""Which devices a container lends; the compilers that Triton and nvcc call; where the driver's library is, when that is
in no place that the loader knows. Single names: `NVIDIA_API_KEY` begins like them.

Not HOME and XDG_CACHE_HOME: a run has a home of its own, and compiled kernels are cached there as long as it lives.
"""
GPU_FAMILIES = ("CUDA_", "TRITON_")
"""Devices to use and their order, where CUDA is, what Triton compiles with."""
NO_GPU = {"CUDA_VISIBLE_DEVICES": ""}
"""A driver that a library wakes before the server forks serves no child; and cells see the same everywhere."""
SHARED = {"", "/", "/usr", "/usr/local"}
"""Folders that are no program's own."""


def environment(interpreter: Interpreter) -> Dict[str, str]:
    """The variables of every process of `interpreter`, but for its home and its folder for temporary files."""
    path = search_path(interpreter.python, gpu=interpreter.gpu)
    kept = {name: os.environ[name] for name in WINDOWS if name in os.environ} if sys.platform == "win32" else {}
    if interpreter.gpu:
        lent = lent_to_gpu(os.environ, sys.executable)
        return {**kept, **lent, **ALWAYS, "PATH": path, "TRITON_INTERPRET": "0", "DS_ACCELERATOR": "cuda"}
    return {**kept, **ALWAYS, "PATH": path, **NO_GPU}


def lent_to_gpu(variables: Mapping[str, str], program: str) -> Dict[str, str]:
    """Those of the caller's `variables` that reach cells on a GPU; `program` is the caller's own executable, whose
    bundled libraries are none for another interpreter.
    """
    lent = {name: text for name, text in variables.items() if name in GPU or name.startswith(GPU_FAMILIES)}
    bundle = posixpath.dirname(program)
    bundle = posixpath.dirname(bundle) if posixpath.basename(bundle) == "bin" else bundle
    folders = [
        folder
        for folder in lent.pop("LD_LIBRARY_PATH", "").split(":")
        if bundle in SHARED or not (folder + "/").startswith(bundle + "/")
    ]
    return {**lent, "LD_LIBRARY_PATH": ":".join(folders)} if any(folders) else lent


def search_path(
    python: str, *, gpu: bool = False, platform: str = sys.platform, variables: Mapping[str, str] = os.environ
) -> str:
    """The PATH of cells that `python` runs: the programs of its own environment first, then the system's; the caller's,
    too, where a GPU is used, since nvcc and its host compiler may lie anywhere.
    """
    if platform == "win32":
        folders, mark = list(_of_windows(ntpath.dirname(python), variables)), ";"
    else:
        homebrew = ["/opt/homebrew/bin"] if platform == "darwin" else []
        folders, mark = [posixpath.dirname(python), *homebrew, "/usr/local/bin", "/usr/bin", "/bin"], ":"
    callers: List[str] = variables.get("PATH", "").split(mark) if gpu else []
    return mark.join([*folders, *(folder for folder in callers if folder and folder not in folders)])


def _of_windows(home: str, variables: Mapping[str, str]) -> Iterator[str]:
    yield home
    if ntpath.basename(home).lower() != "scripts":  # no virtual environment: conda keeps programs and DLLs here
        for below in ("Library\\mingw-w64\\bin", "Library\\usr\\bin", "Library\\bin", "Scripts"):
            yield ntpath.join(home, below)
    # Git's bash, before the one in System32, which starts another system
    for name, below in (("PROGRAMFILES", "Git\\bin"), ("LOCALAPPDATA", "Programs\\Git\\bin")):
        if variables.get(name):
            yield ntpath.join(variables[name], below)
    system = variables.get("SYSTEMROOT") or "C:\\Windows"
    yield from (ntpath.join(system, "System32"), system)
