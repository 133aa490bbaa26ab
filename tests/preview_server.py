"""`preview --serve` of a checkout, running as a user runs it."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def serving(root: Path, project: Path) -> Iterator[int]:
    """The port of the preview of `root`; interrupted in the end, which must be orderly."""
    command = [sys.executable, "-u", "-m", "build_deck", "preview", "--serve", "--port", "0", "--root", str(root)]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        assert run.stdout is not None
        address = next(found for line in run.stdout if (found := re.search(r"http://127\.0\.0\.1:(\d+)/", line)))
        try:
            yield int(address[1])
        finally:
            run.send_signal(signal.SIGINT)
            assert run.wait(20) == 0
