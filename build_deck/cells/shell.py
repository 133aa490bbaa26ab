"""Bash cells: one that runs to its end, and one that serves until its job ends.

Both belong to the process tree and the network of their job: in the sandbox nothing else can reach a server, and it is
killed with the job. No time is kept here: a server that never answers is a cell whose time is up.
"""

import http.client
import shutil
import subprocess
import time
import urllib.request
from typing import IO, Optional

from .protocol import Snippet

POLL = 0.1
"""Seconds between two attempts to reach a server."""
PATIENCE = 10.0
"""Seconds for one answer."""


class ShellError(RuntimeError):
    """The script ended badly, or before its server answered; what it said is in the cell's output."""


def run(snippet: Snippet) -> None:
    """Run the script to its end; what it prints, the cell prints. Raises ShellError."""
    status = _start(snippet).wait()
    if status:
        raise ShellError("the script ended with status %d" % status)


def serve(snippet: Snippet) -> "subprocess.Popen[bytes]":
    """Start the script and wait until `ready` answers with success; what it says goes to standard error from now on.

    Raises ShellError when it ends first.
    """
    process = _start(snippet, stdout=2)
    while not _answers(snippet.ready):
        status = process.poll()
        if status is not None:
            raise ShellError("the server ended with status %d before %s answered" % (status, snippet.ready))
        time.sleep(POLL)
    return process


def _start(snippet: Snippet, stdout: "Optional[int | IO[bytes]]" = None) -> "subprocess.Popen[bytes]":
    bash = shutil.which("bash")
    if bash is None:
        raise ShellError("there is no bash on this machine")
    # leading newlines give the script the line numbers of the answer file, its first argument gives it the name
    script = "\n" * (snippet.line - 1) + snippet.source
    command = [bash, "--noprofile", "--norc", "-euo", "pipefail", "-c", script, snippet.path]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout)


def _answers(address: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=PATIENCE):
            return True
    except (OSError, http.client.HTTPException):
        return False
