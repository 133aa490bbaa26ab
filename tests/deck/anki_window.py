"""The real Anki window, off-screen: import a package, review one card, take pictures, note what went wrong.

Anki runs in a process of its own, because one process can hold one Anki, Qt may crash while an interpreter ends,
and Chromium's helpers outlive their parent: the whole process group is killed at the end.
By hand: `python -m tests.deck.anki_window dist/x.apkg --find Id:kv-cache --out /tmp/shots [--night] [--width 400]`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """What the window showed: per side (`question`, `answer`, `opened`) the facts of `LOOK` and a picture."""

    sides: dict[str, dict[str, Any]]
    shots: dict[str, Path]
    errors: tuple[str, ...]
    """JavaScript errors of the card's page."""


def review(package: Path, out: Path, *options: str, deadline: float = 150, program: str = "window_process") -> Reviewed:
    """Show a card as `options` ask (see `program`); raises when Anki does not manage in `deadline` seconds."""
    data = drive(f"tests.deck.{program}", out, package, *options, "--out", out, deadline=deadline)
    shots = {side: out / f"{side}.png" for side in data["sides"]}
    return Reviewed(sides=data["sides"], shots=shots, errors=tuple(data["errors"]))


def drive(
    program: str, out: Path, *arguments: str | Path, deadline: float = 150, python: str | Path = sys.executable
) -> dict[str, Any]:
    """What the module `program` wrote into `out`/report.json; raises RuntimeError when it wrote nothing in time."""
    out.mkdir(parents=True, exist_ok=True)
    command = [python, "-m", program, *arguments]
    with (out / "log.txt").open("wb") as log, tempfile.TemporaryDirectory() as home:
        environment = os.environ | _environment(Path(home))
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            process.wait(deadline)
        except subprocess.TimeoutExpired:
            print(f"Anki was not done in {deadline} s")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    report = out / "report.json"
    if not report.is_file():
        raise RuntimeError(f"Anki showed nothing (exit {process.returncode}):\n{(out / 'log.txt').read_text()[-3000:]}")
    return dict(json.loads(report.read_text("utf-8")))


def _environment(home: Path) -> dict[str, str]:
    """What Qt and Anki read at start-up; a user's own Anki is neither found nor spoken to."""
    return {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "ANKI_SINGLE_INSTANCE_KEY": home.name,
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",  # Chromium's own refuses root
        "QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu --disable-background-networking --disable-component-update",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }


if __name__ == "__main__":
    arguments = sys.argv[1:]
    seen = review(Path(arguments[0]), Path(arguments[arguments.index("--out") + 1]), *arguments[1:])
    print(json.dumps(seen.sides, ensure_ascii=False, indent=1), *seen.errors, sep="\n")
    sys.exit(1 if seen.errors else 0)
