"""What cells see of the caller's environment, and where they look for programs, on each of the three systems."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_deck.cells.protocol import Interpreter, Job, Snippet
from build_deck.cells.runner import Engine, outcomes
from build_deck.cells.variables import environment, lent_to_gpu, search_path

WINDOWS = {"PROGRAMFILES": "C:\\Program Files", "LOCALAPPDATA": "C:\\Users\\a\\AppData\\Local", "SYSTEMROOT": "C:\\W",
           "PATH": "C:\\nvcc;C:\\py"}  # fmt: skip
SHOW = "import json, os\nprint(json.dumps(dict(os.environ)))"


def test_each_system_has_its_own_places_and_the_interpreters_come_first() -> None:
    path = {"PATH": "/opt/cuda/bin:/usr/bin"}
    assert search_path("/e/bin/python", platform="linux", variables=path) == "/e/bin:/usr/local/bin:/usr/bin:/bin"
    mac = "/e/bin:/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin"
    assert search_path("/e/bin/python", platform="darwin", variables=path) == mac
    venv = search_path("C:\\e\\Scripts\\python.exe", platform="win32", variables=WINDOWS).split(";")
    git = ["C:\\Program Files\\Git\\bin", "C:\\Users\\a\\AppData\\Local\\Programs\\Git\\bin"]
    assert venv == ["C:\\e\\Scripts", *git, "C:\\W\\System32", "C:\\W"], "Git's bash comes before that of System32"
    conda = search_path("C:\\conda\\python.exe", platform="win32", variables=WINDOWS).split(";")
    assert conda[0] == "C:\\conda"
    assert "C:\\conda\\Library\\bin" in conda


def test_on_a_gpu_the_callers_path_is_searched_last() -> None:
    path = search_path("/e/bin/python", gpu=True, platform="linux", variables={"PATH": "/opt/cuda/bin::/usr/bin"})
    assert path == "/e/bin:/usr/local/bin:/usr/bin:/bin:/opt/cuda/bin"
    assert search_path("C:\\py\\python.exe", gpu=True, platform="win32", variables=WINDOWS).endswith(";C:\\nvcc")


def test_without_a_gpu_no_library_finds_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert environment(Interpreter("/e/bin/python"))["CUDA_VISIBLE_DEVICES"] == ""
    assert environment(Interpreter("/e/bin/python", gpu=True))["CUDA_VISIBLE_DEVICES"] == "0"


@pytest.mark.parametrize("name", ["HOME", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "NVIDIA_API_KEY", "LD_PRELOAD", "CUDA",
                                  "PYTHONPATH", "XDG_CACHE_HOME", "SSH_AUTH_SOCK"])  # fmt: skip
def test_no_secret_is_lent_to_a_gpu(name: str) -> None:
    assert lent_to_gpu({name: "x", "CUDA_VISIBLE_DEVICES": "1"}, "/usr/bin/anki") == {"CUDA_VISIBLE_DEVICES": "1"}


@pytest.mark.parametrize(
    ("libraries", "program", "left"),
    [
        ("/usr/local/nvidia/lib64", "/usr/local/bin/anki", "/usr/local/nvidia/lib64"),
        ("/opt/anki/lib:/usr/lib/wsl/lib", "/opt/anki/anki", "/usr/lib/wsl/lib"),
        ("/opt/anki/lib", "/opt/anki/bin/anki", None),
        ("/opt/ankisomething/lib", "/opt/anki/anki", "/opt/ankisomething/lib"),
        ("", "/opt/anki/anki", None),
    ],
)
def test_libraries_that_a_bundle_brings_for_itself_are_not_lent(libraries: str, program: str, left: str | None) -> None:
    assert lent_to_gpu({"LD_LIBRARY_PATH": libraries}, program).get("LD_LIBRARY_PATH") == left


@pytest.mark.cells
@pytest.mark.parametrize("gpu", [True, False], ids=["gpu", "cpu"])
def test_a_real_cell_sees_no_secret(project: Path, monkeypatch: pytest.MonkeyPatch, gpu: bool) -> None:
    monkeypatch.setenv("MY_SECRET_TOKEN", "hunter2")
    python = str(project / ".envs" / "core" / "bin" / "python")
    with Engine(Interpreter(python, modules=(), spawn=True, gpu=gpu)) as engine:
        (ended,) = outcomes(engine.run(Job("a-card", (Snippet("c", SHOW, "c", 1),))))
    assert ended.status == "ok"
    assert "hunter2" not in ended.stdout
    assert '"MPLBACKEND": "Agg"' in ended.stdout
