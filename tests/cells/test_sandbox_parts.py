"""What the sandbox shows of an interpreter's folder: all of it, or its parts where the user's files lie there too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from build_deck.cells import sandbox
from build_deck.cells.protocol import Interpreter, Job, Snippet
from build_deck.cells.runner import Engine, outcomes

pytestmark = pytest.mark.cells


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home" / "user"
    for secret in (".ssh/id", ".local/share/Anki2/prefs21.db", ".local/lib/notes.txt", "Documents/thesis.txt"):
        (folder / secret).parent.mkdir(parents=True, exist_ok=True)
        (folder / secret).touch()
    monkeypatch.setenv("HOME", str(folder))
    return folder


def python_in(folder: Path) -> Path:
    """What a Python installed with this prefix consists of."""
    for name in ("bin/python3.11", "lib/python3.11/os.py", "lib/libpython3.11.so.1.0", "include/python3.11/Python.h"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "bin" / "python3").symlink_to("python3.11")
    return folder / "bin" / "python3"


def shown(python: Path) -> set[str]:
    """What of the file system besides the system's own a cell of this interpreter sees."""
    words = sandbox.wrap(["server"], Interpreter(str(python), sandboxed=True))
    bound = {words[at + 1] for at, word in enumerate(words) if word == "--ro-bind"}
    return bound - {str(sandbox.HERE), *sandbox.SYSTEM}


@pytest.mark.parametrize("prefix", [".local", "", "..", "../.."])
def test_a_python_among_the_users_files_is_shown_without_them(home: Path, prefix: str) -> None:
    base = (home / prefix).resolve()
    parts = {"bin", "include", "lib/python3.11", "lib/libpython3.11.so.1.0"}
    assert shown(python_in(base)) == {str(base / part) for part in parts}


def test_a_virtual_environment_that_was_made_in_the_home_is_shown_without_the_rest(home: Path) -> None:
    python = python_in(home / "opt" / "python")
    for name in ("bin", "lib/python3.11/site-packages"):
        (home / name).mkdir(parents=True)
    (home / "pyvenv.cfg").touch()
    (home / "bin" / "python").symlink_to(python)
    parts = {"opt/python", "bin", "pyvenv.cfg", "lib/python3.11"}
    assert shown(home / "bin" / "python") == {str(home / part) for part in parts}


@pytest.mark.parametrize(
    "folder", ["miniconda3", "miniconda3/envs/torch", ".pyenv/versions/3.11.7", ".local/share/uv/python/cpython-3.12",
               ".local/share/proofdeck/python", ".local/opt/python"],
)  # fmt: skip
def test_a_folder_of_its_own_is_shown_whole(home: Path, folder: str) -> None:
    assert shown(python_in(home / folder)) == {str(home / folder)}


def test_cells_run_in_the_parts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    base = Path(sys.base_prefix)
    monkeypatch.setenv("HOME", str(base / "share"))
    code = f"import ctypes, hashlib, json, ssl, os\nprint(sorted(os.listdir({str(base)!r})))"
    job = Job("card", (Snippet(id="a", source=code, path="a", line=1, timeout=60.0),))
    with Engine(Interpreter(str(base / "bin" / "python3"), sandboxed=True)) as engine:
        (outcome,) = outcomes(engine.run(job))
    assert (outcome.status, outcome.error) == ("ok", "")
    assert ("share" in outcome.stdout) == (str(base) == "/usr"), "the system's own is never a folder of the user's"
    assert "lib" in outcome.stdout
