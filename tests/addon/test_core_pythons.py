"""The environment doctor: which interpreters it finds on this machine, what it says of them, what it never starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from desks import BARE
from staged import Core


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with nothing in it, and no program on the path."""
    for name in ("HOME", "PYENV_ROOT", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/nowhere")
    return tmp_path


def make(folder: Path) -> Path:
    """A real virtual environment without pip."""
    venv.create(folder, symlinks=True)
    return folder / "bin" / "python"


def found(core: Core, data: Path, configured: str = "") -> dict[str, str]:
    return {each.path: each.source for each in core.pythons.find(data, configured)}


@pytest.mark.cells
def test_an_interpreter_with_torch_says_what_it_has(core: Core, project: Path, tmp_path: Path) -> None:
    python = project / ".envs" / "core" / "bin" / "python"
    answer = core.pythons.probe(str(python), tmp_path)
    assert (answer.torch, answer.matplotlib, answer.problem) == ("2.13.0", "3.11.2", "")
    assert answer.devices[0] == "cpu"
    assert {"torch", "json", "sys"} <= answer.modules
    bare = core.pythons.probe(BARE, tmp_path)
    assert (bare.torch, bare.devices) == ("", ())
    assert core.pythons.best((bare, answer)) == answer
    assert core.pythons.best((bare,)) is None


def test_places_are_looked_through_and_each_python_is_named_once(core: Core, home: Path) -> None:
    places = {
        "pyenv": home / "pyenv_root" / "versions" / "3.11.7", "conda": home / "miniconda3" / "envs" / "llm",
        "uv": home / ".local/share/uv/python/cpython-3.12", "venv": home / ".virtualenvs" / "torch",
        "own": home / "xdg_data_home" / "proofdeck" / "python",
    }  # fmt: skip
    pythons = {source: make(folder) for source, folder in places.items()}
    listed = make(home / "elsewhere" / "conda")
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{listed.parents[1]}\n/gone\nrelative\n")
    seen = found(core, home / "data")
    assert {str(path): source for source, path in pythons.items()} | {str(listed): "conda"} == {
        path: source for path, source in seen.items() if path.startswith(str(home))
    }


def test_the_configured_one_comes_first(core: Core, home: Path) -> None:
    python = str(make(home / "mine"))
    make(home / ".venv")
    assert next(iter(found(core, home / "data", python).items())) == (python, "config")


def test_such_a_stub_is_not_started(core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = tmp_path / "python3"
    stub.write_text(f'#!/bin/sh\ntouch {tmp_path}/started\nexec {BARE} "$@"\n')
    stub.chmod(0o755)
    monkeypatch.setattr(core.pythons, "is_stub", lambda path: path == str(stub))
    assert core.pythons.probe(str(stub), tmp_path) is None
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("body", [None, "exit 1"], ids=["gone", "broken"])
def test_a_configured_one_that_does_not_answer_is_listed_as_such(core: Core, home: Path, body: str | None) -> None:
    script = home / "mine" / "python3"
    if body is not None:
        script.parent.mkdir()
        script.write_text(f"#!/bin/sh\n{body}\n")
        script.chmod(0o755)
    first = next(iter(core.pythons.find(home / "data", str(script))))
    assert (first.path, first.problem) == (str(script), "mute")


def test_an_environment_that_an_earlier_version_made_is_found(core: Core, home: Path) -> None:
    before = make(home / "data" / "environment")
    assert found(core, home / "data")[str(before)] == "own"


def test_apples_stub_is_not_started_where_it_would_ask_to_install(core: Core) -> None:
    stub, here = core.places.is_stub, "/Library/Developer/CommandLineTools/usr/bin/python3"
    assert stub("/usr/bin/python3", "darwin", lambda _: False, tools="/none")
    assert not stub("/usr/bin/python3", "darwin", lambda path: path == here, tools="/none")
    assert not stub("/usr/bin/python3", "darwin", lambda path: path.startswith("/Xcode"), tools="/Xcode")
    assert not stub("/opt/homebrew/bin/python3", "darwin", lambda _: False, tools="/none")
    assert not stub("/usr/bin/python3", "linux", lambda _: False, tools="/none")


def test_the_path_is_searched_but_not_for_shims(core: Core, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = make(home / "one")
    shims = home / "pyenv" / "shims"
    shims.mkdir(parents=True)
    (shims / "python3").write_text('#!/bin/sh\n: > "$HOME/started"\n')
    (shims / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{shims}:{python.parent}:relative")
    assert "path" in found(core, home / "data").values()
    assert not (home / "started").exists()


def test_ankis_own_python_is_never_started(core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python3"
    program.write_text(f'#!/bin/sh\ntouch {tmp_path}/started\nexec {BARE} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    assert core.pythons.probe(str(program), tmp_path).problem == "anki"
    assert [each.problem for each in core.pythons.find(tmp_path, str(program)) if each.path == str(program)] == ["anki"]
    assert not (tmp_path / "started").exists()
    anki = tmp_path / "anki"
    anki.write_text(program.read_text())
    anki.chmod(0o755)
    assert core.pythons.probe(str(anki), tmp_path) is None
    assert not (tmp_path / "started").exists()


def test_an_environment_with_anki_in_it_is_marked(core: Core, tmp_path: Path) -> None:
    python = make(tmp_path / "env")
    packages = next((tmp_path / "env").glob("lib/python*/site-packages"))
    (packages / "aqt").mkdir()
    (packages / "aqt" / "__init__.py").touch()
    assert core.pythons.probe(str(python), tmp_path / "data").problem == "anki"


def test_one_that_is_too_old_is_marked(core: Core, tmp_path: Path) -> None:
    script = tmp_path / "python3"
    answer = {"executable": "x", "version": "3.8.18", "prefix": "/x", "packages": "/x", "torch": "", "numpy": "",
              "matplotlib": "", "modules": []}  # fmt: skip
    script.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    script.chmod(0o755)
    assert core.pythons.probe(str(script), tmp_path).problem == "old"


@pytest.mark.parametrize(
    "body", ["echo hello", "echo '[1, 2]'", "echo '{\"version\": 3}'", "exit 1", "printf '\\377\\376'", "kill -9 $$"]
)
def test_what_does_not_answer_like_a_python_is_none(core: Core, tmp_path: Path, body: str) -> None:
    script = tmp_path / "python3"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    assert core.pythons.probe(str(script), tmp_path) is None


def test_one_that_hangs_is_given_up(core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "python3"
    script.write_text("#!/bin/sh\nexec sleep 600\n")
    script.chmod(0o755)
    monkeypatch.setattr(core.pythons, "LIMIT", 0.3)
    assert core.pythons.probe(str(script), tmp_path) is None


def test_a_second_look_starts_nothing_until_something_is_installed(core: Core, tmp_path: Path) -> None:
    python, data = make(tmp_path / "env"), tmp_path / "data"
    first = core.pythons.probe(str(python), data)
    kept = (data / "pythons.json").read_bytes()
    assert core.pythons.probe(str(python), data) == first
    assert (data / "pythons.json").read_bytes() == kept
    packages = next((tmp_path / "env").glob("lib/python*/site-packages"))
    (packages / "jieba.py").touch()
    os.utime(packages, ns=(1, 1))
    assert "jieba" in core.pythons.probe(str(python), data).modules


@pytest.mark.parametrize("damage", ["", "[]", '{"PATH": 3}', '{"PATH": {"stamp": null}}'])
def test_a_damaged_memory_is_no_harm(core: Core, tmp_path: Path, damage: str) -> None:
    (tmp_path / "pythons.json").write_text(damage.replace("PATH", BARE))
    assert core.pythons.probe(BARE, tmp_path).version


def test_a_child_sees_nothing_that_makes_it_load_something_else(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LD_PRELOAD"):
        monkeypatch.setenv(name, "/evil")
    code = "import os; print('/evil' in os.environ.values())"
    told = subprocess.run([BARE, "-c", code], env=core.pythons.environment(), capture_output=True, check=True)
    assert told.stdout == b"False\n"
