"""What the sandbox is made of, seen from outside: one bubblewrap command around the trusted parent, all arguments here.

The parent runs in namespaces of its own, sees the interpreter and nothing else of the file system, and keeps the
capabilities to confine each of its children further (`confine`). There is no weaker variant: without bubblewrap or
without user namespaces `missing` says so, and the caller refuses or asks for trust.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Dict, List, Tuple

from .protocol import Interpreter
from .variables import environment

HERE = Path(__file__).resolve().parent
NAMESPACES = ("--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
SCRATCH = "/scratch"
"""The one place where a cell may write. Not /tmp: a checkout may lie there, and would be covered."""
LINKS = (("/lib", "usr/lib"), ("/lib64", "usr/lib64"), ("/bin", "usr/bin"), ("/sbin", "usr/sbin"))
PARTS = (
    "bin", "include", "pyvenv.cfg", "lib/python3*", "lib64/python3*", "lib/*.so*", "lib64/*.so*",
)  # fmt: skip
"""What belongs to an interpreter in a folder that it shares with the user's own files."""

NOT_LINUX = "cells are sandboxed on Linux only"
NO_PROGRAM = "bubblewrap is not installed (apt install bubblewrap)"
NO_NAMESPACES = "this kernel has no user namespaces"


def missing() -> str:
    """Why there can be no sandbox on this machine; empty when nothing speaks against one (the self-test decides)."""
    if sys.platform != "linux":
        return NOT_LINUX
    if shutil.which("bwrap") is None:
        return NO_PROGRAM
    return "" if Path("/proc/self/ns/user").exists() else NO_NAMESPACES


def wrap(command: List[str], interpreter: Interpreter) -> List[str]:
    """`command`, which starts the server with `interpreter`, inside the sandbox."""
    bubblewrap = shutil.which("bwrap") or "bwrap"
    arguments = [*NAMESPACES, "--die-with-parent", "--new-session", "--cap-add", "ALL", "--clearenv"]
    read_only = [path for path in (*SYSTEM, *_needed(interpreter)) if os.path.exists(path)]
    for folder in sorted({str(parent) for path in read_only for parent in Path(path).parents} - {"/"}):
        if not any(Path(path) in Path(folder, "x").parents for path in read_only):
            arguments += ["--dir", folder]  # else bubblewrap makes it unreadable for the cells' own uid
    for path in read_only:
        arguments += ["--ro-bind", path, path]
    for link, target in LINKS:
        if os.path.islink(link):
            arguments += ["--symlink", target, link]
        elif os.path.isdir(link):
            arguments += ["--ro-bind", link, link]
    if not any(path.startswith("/tmp/") for path in read_only):
        arguments += ["--symlink", SCRATCH, "/tmp"]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", SCRATCH]
    # a plain user's cells keep the uid that owns these two
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", SCRATCH]
    launcher = [interpreter.python, "-I", "-S", str(HERE / "launch.py")]
    return [*launcher, bubblewrap, *arguments, *_environment(interpreter), "--", *command]


def _environment(interpreter: Interpreter) -> List[str]:
    inside: Dict[str, str] = dict(environment(interpreter), HOME=SCRATCH, TMPDIR=SCRATCH, MPLCONFIGDIR=SCRATCH)
    return [word for name, value in inside.items() for word in ("--setenv", name, value)]


def _needed(interpreter: Interpreter) -> Tuple[str, ...]:
    """The interpreter's own folders (a virtual environment and the Python below it), this package, style and font."""
    python = Path(interpreter.python).absolute()
    environment = python.parent.parent
    base = python.resolve().parent.parent
    folders = [base] if str(base) != "/usr" else []
    if (environment / "pyvenv.cfg").is_file():
        # its programs know it by the name under which it was made, which a link may hide
        folders += sorted({environment, environment.resolve()})
    own = [part for folder in folders for part in _own(folder)]
    return (*own, str(HERE), *(path for path in (interpreter.style, interpreter.font) if path))


def _own(folder: Path) -> List[str]:
    """The folder of an interpreter; where the user's files lie in it too (`--prefix=$HOME/.local`), its parts alone."""
    files = Path(os.path.expanduser("~/.local/share")).resolve()
    if folder.resolve() not in (files, *files.parents):
        return [str(folder)]
    if folder == Path("/"):  # its parts are the system's, which are there already
        return []
    return [str(path) for part in PARTS for path in sorted(folder.glob(part))]
