"""What the interpreter that runs the cells has. Called inside it; says nothing about other interpreters."""

import platform
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace

from .protocol import Toolchain


def toolchain(*, gpu: bool = False) -> Toolchain:
    """Versions of what is loaded; a build's local part (`+cpu`) is left out, because it does not say what ran.

    With `gpu` the device is asked for its name, which no process that is forked later would survive.
    """
    names = ("torch", "numpy", "matplotlib", "triton")
    found = {name: str(getattr(sys.modules.get(name), "__version__", "")).partition("+")[0] for name in names}
    known = Toolchain(python=platform.python_version(), machine=platform.machine(), nvcc=_nvcc(), **found)
    return _with_device(known) if gpu else known


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
