"""The run on a fresh machine: verifying the deck has a budget, and exceeding it ends the run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_verifying_the_deck_may_not_take_longer_than_its_budget(tmp_path: Path) -> None:
    """With a `make` that only says what it is for, and a `timeout` whose time is always over."""
    for name, body in (("make", 'echo "made $*"'), ("timeout", 'echo "limits $*"; exit 124')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ended = subprocess.run([ROOT / ".ci" / "run"], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 124
    assert [line for line in ended.stdout.splitlines() if not line.startswith("==")] == [
        "made deck",
        "limits --kill-after=1m 25m make verify",
    ]
