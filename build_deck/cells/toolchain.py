"""What the interpreter that runs the cells has. Called inside it; says nothing about other interpreters."""

import platform
import re
import shutil
import subprocess
import sys

from .protocol import Toolchain


def toolchain() -> Toolchain:
    """Versions of what is loaded; a build's local part (`+cpu`) is left out, because it does not say what ran."""
    names = ("torch", "numpy", "matplotlib")
    found = {name: str(getattr(sys.modules.get(name), "__version__", "")).partition("+")[0] for name in names}
    return Toolchain(python=platform.python_version(), machine=platform.machine(), nvcc=_nvcc(), **found)


def _nvcc() -> str:
    path = shutil.which("nvcc")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout if path else ""
    version = re.search(r"release ([\d.]+)", said)
    return version[1] if version else ""
