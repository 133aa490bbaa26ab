"""Making an environment: with real venv, pip and uv, from a wheel on this disk; cancelled, failed, and made twice."""

from __future__ import annotations

import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desks import BARE
from staged import Core

Make = Callable[..., list[Any]]


@pytest.fixture
def wheel(tmp_path: Path) -> str:
    """A package with one module, installable without a network."""
    path = tmp_path / "tiny-1.0-py3-none-any.whl"
    info = "tiny-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", "x = 1\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return str(path)


@pytest.fixture
def uv(tmp_path: Path) -> str:
    """What stands for uv, which is no dependency of the tests: the same two commands, and as quick."""
    script = tmp_path / "uv"
    script.write_text(
        '#!/bin/sh\nset -e\nif [ "$1" = venv ]; then exec "$3" -m venv --without-pip "$4"; fi\n'
        'test "$1 $2 $3" = "pip install --python"\n'
        'folder=$("$4" -c "import sysconfig; print(sysconfig.get_paths()[\'purelib\'])")\n'
        'echo "installing $5"\nexec "$4" -m zipfile -e "$5" "$folder"\n'
    )
    script.chmod(0o755)
    return str(script)


@pytest.fixture
def make(core: Core, tmp_path: Path) -> Make:
    base = core.pythons.Python(BARE, "config", "3.11.0")

    def carry_out(*packages: str, cancel: threading.Event | None = None, uv: str | None = None) -> list[Any]:
        wish = core.environments.Wish(base, tmp_path / "made" / "env", packages, uv)
        words = core.strings.Words("en")
        return list(core.environments.carry_out(wish, cancel or threading.Event(), words))

    return carry_out


def test_it_is_made_with_pip_and_found_by_the_doctor(core: Core, make: Make, wheel: str, tmp_path: Path) -> None:
    *lines, last = make(wheel)
    assert any("tiny" in each.line for each in lines)
    assert not last.failed
    assert "tiny" in core.pythons.probe(last.python, tmp_path / "data").modules
    again = make(wheel)[-1]  # what is whole is not made again
    assert (again.python, "already" in again.failed) == ("", True)


def test_it_is_made_with_uv_where_there_is_one(core: Core, make: Make, wheel: str, tmp_path: Path, uv: str) -> None:
    last = make(wheel, uv=uv)[-1]
    assert not last.failed
    assert "tiny" in core.pythons.probe(last.python, tmp_path / "data").modules


def test_a_failure_is_said_and_leaves_nothing(make: Make, tmp_path: Path, uv: str) -> None:
    *lines, last = make(str(tmp_path / "nowhere.whl"), uv=uv)
    assert "pip install" in last.failed
    assert any("nowhere.whl" in each.line for each in lines)
    assert not (tmp_path / "made" / "env").exists()


def test_cancelling_ends_it_within_a_second_and_leaves_nothing(make: Make, wheel: str, tmp_path: Path) -> None:
    cancel = threading.Event()
    script = tmp_path / "uv"
    script.write_text(f"#!/bin/sh\nmkdir -p {tmp_path}/made/env\necho begun\nsleep 300\n")
    script.chmod(0o755)
    began: list[float] = []
    threading.Timer(0.5, lambda: (began.append(time.monotonic()), cancel.set())).start()
    last = make(wheel, cancel=cancel, uv=str(script))[-1]
    assert time.monotonic() - began[0] < 60  # not the 300 s that the program would take
    assert "Cancelled" in last.failed
    assert not (tmp_path / "made" / "env").exists()


def test_a_folder_that_is_not_ours_is_left_alone(make: Make, wheel: str, tmp_path: Path) -> None:
    kept = tmp_path / "made" / "env" / "thesis.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    assert make(wheel)[-1].failed
    assert kept.read_text() == "mine"


def test_what_an_interrupted_attempt_left_is_made_anew(make: Make, wheel: str, tmp_path: Path, uv: str) -> None:
    half = tmp_path / "made" / "env"
    half.mkdir(parents=True)
    (half / "pyvenv.cfg").touch()
    assert make(wheel, uv=uv)[-1].python
