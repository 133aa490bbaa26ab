"""What the interpreter that runs the cells has. Called inside it; says nothing about other interpreters."""

import contextlib
import platform
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

from .protocol import Interpreter, Toolchain

NAMED = ("torch", "numpy", "matplotlib", "triton")
"""Those that have a field of their own."""


def toolchain(interpreter: Interpreter) -> Toolchain:
    """Versions of what is loaded; a build's local part (`+cpu`) is left out, because it does not say what ran.

    On a GPU the device is asked for its name, which no process that is forked later would survive.
    """
    loaded = {name.partition(".")[0] for name in interpreter.modules}
    found = {name: told for name in sorted(loaded | set(NAMED)) if (told := _version(name))}
    named = {name: found.pop(name, "") for name in NAMED}
    known = Toolchain(
        python=platform.python_version(), machine=platform.machine(), nvcc=_nvcc(), cpu=_cpu(), packages=found, **named
    )
    return _with_device(known) if interpreter.gpu else known


def _version(name: str) -> str:
    """Of a module that is loaded, by itself or by its package; empty where neither tells."""
    if name not in sys.modules:
        return ""
    told = getattr(sys.modules[name], "__version__", "")
    if not told:
        with contextlib.suppress(PackageNotFoundError):
            told = version(name)
    return str(told).partition("+")[0]


def _cpu() -> str:
    try:
        with open("/proc/cpuinfo") as stream:
            name = re.search(r"^model name\s*: (.+)$", stream.read(), re.MULTILINE)
    except OSError:  # elsewhere than on Linux
        return platform.processor()
    return name[1] if name else ""


def _with_device(known: Toolchain) -> Toolchain:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return known
    return replace(
        known, device=torch.cuda.get_device_name(), driver=_driver(), cuda=str(torch.version.cuda),
        date=time.strftime("%Y-%m-%d", time.gmtime()),
    )  # fmt: skip


def _driver() -> str:
    try:
        with open("/proc/driver/nvidia/version") as stream:
            version = re.search(r" (\d+\.[\d.]+) ", stream.read())
    except OSError:
        return ""
    return version[1] if version else ""


def _nvcc() -> str:
    path = shutil.which("nvcc")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout if path else ""
    version = re.search(r"release ([\d.]+)", said)
    return version[1] if version else ""
