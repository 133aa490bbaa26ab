"""Setting up: nothing is done twice, and a failure is one line that says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from build_deck import bootstrap


def test_an_environment_that_matches_its_pins_is_left_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["cells", "core"]) == 0
    assert capsys.readouterr().err == ""
    stamp = project / ".envs" / "core" / ".core.stamp"
    assert len(stamp.read_text()) == 64


def test_changed_pins_are_installed_and_then_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = tmp_path / "cells-tiny.txt"
    pins.write_text("# nothing to install\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    folder = tmp_path / ".envs" / "tiny"
    bootstrap.ensure_environment(folder, "tiny", (pins,))
    made = (folder / ".tiny.stamp").read_text()
    python = bootstrap.python_of(folder)
    assert (
        subprocess.run([python, "-c", "import sys; sys.exit(sys.prefix == sys.base_prefix)"], check=False).returncode
        == 0
    )
    pins.write_text("# still nothing\n")
    bootstrap.ensure_environment(folder, "tiny", (pins,))
    assert (folder / ".tiny.stamp").read_text() != made


def test_a_failed_installation_leaves_no_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = tmp_path / "cells-bad.txt"
    pins.write_text("this is no requirement ===\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    with pytest.raises(bootstrap.SetupError, match="pip install"):
        bootstrap.ensure_environment(tmp_path / "bad", "bad", (pins,))
    assert not (tmp_path / "bad" / ".bad.stamp").exists()


def test_an_environment_that_was_left_half_renewed_is_no_longer_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = tmp_path / "cells-tiny.txt"
    pins.write_text("# nothing to install\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    folder = tmp_path / "tiny"
    bootstrap.ensure_environment(folder, "tiny", (pins,))
    assert bootstrap.holds(folder, "tiny", (pins,))
    before = pins.read_text()
    pins.write_text("this is no requirement ===\n")
    with pytest.raises(bootstrap.SetupError):
        bootstrap.ensure_environment(folder, "tiny", (pins,))
    pins.write_text(before)
    assert not bootstrap.holds(folder, "tiny", (pins,))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cells", "nowhere"], "no requirements/cells-nowhere.txt"),
        (["everything"], "usage: python3 -m build_deck.bootstrap"),
    ],
)
def test_faults_are_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"setup: {said}")
    assert told.count("\n") == 1


def test_an_old_python_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (9, 0))
    assert bootstrap.main(["build"]) == 2
    assert "make PYTHON=" in capsys.readouterr().err


def test_it_runs_on_the_bare_interpreter(project: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", "import sys; sys.path.insert(0, '.'); import build_deck.bootstrap"]
    assert subprocess.run(command, cwd=project, check=False).returncode == 0
