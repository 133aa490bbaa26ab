"""Renew the pinned requirements: `*.in` → hashed `*.txt`, with a cooldown before a new release is adopted.

Run by `make upgrade`; needs `uv` on the PATH and nothing else. Names no registry: it uses the one pip is set up for.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

COOLDOWN = timedelta(days=10)
"""Releases younger than this are left alone: most bad ones are withdrawn by then."""

PYTHONS = {"oldest-anki": "3.9"}
"""The oldest Python of each file where it is not 3.11."""

FOLDER = Path(__file__).resolve().parent.parent / "requirements"


def compile_all() -> int:
    """Compile every `.in` file; the exit status of the first that fails, else 0."""
    uv = shutil.which("uv")
    if uv is None:
        sys.stderr.write("pins: uv is not on the PATH (pip install uv)\n")
        return 2
    newest = (datetime.now(UTC) - COOLDOWN).date().isoformat()
    fixed = [
        "--quiet",
        "--universal",
        "--generate-hashes",
        "--upgrade",
        "--exclude-newer",
        newest,
    ]
    # torch, with all that only its GPU builds ask for, is pinned apart
    fixed += ["--excludes", "torch.excludes"]
    # uv writes no index into its output unless it is asked to
    fixed += ["--custom-compile-command", "make upgrade"]
    for source in sorted(FOLDER.glob("*.in")):
        python = ["--python-version", PYTHONS.get(source.stem, "3.11")]
        # wheels only, so that nothing which a package brings along runs while it is installed; exceptions stand apart
        form = ["--no-deps", "--no-binary"] if source.name.endswith(".source.in") else ["--only-binary"]
        command = [
            uv,
            "pip",
            "compile",
            *fixed,
            *python,
            *form,
            ":all:",
            source.name,
            "-o",
            source.with_suffix(".txt").name,
        ]
        status = subprocess.run(command, cwd=FOLDER, check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(compile_all())
