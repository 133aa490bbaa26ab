"""Making an environment: with real venv, pip and uv, from a wheel on this disk; cancelled, failed, and made twice."""

from __future__ import annotations

import shutil
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
        '#!/bin/sh\nset -e\nif [ "$1" = venv ]; then\n'
        '  test "$2 $3" = "--seed --python"\n'
        f'  if [ "$4" = 3.12 ]; then set -- venv --seed --python {BARE} "$5"; fi\n'
        '  exec "$4" -m venv --without-pip "$5"\nfi\n'
        'test "$1 $2 $3" = "pip install --python"\n'
        'folder=$("$4" -c "import sysconfig; print(sysconfig.get_paths()[\'purelib\'])")\n'
        'echo "installing $5"\nexec "$4" -m zipfile -e "$5" "$folder"\n'
    )
    script.chmod(0o755)
    return str(script)


@pytest.fixture
def make(core: Core, tmp_path: Path) -> Make:
    python = core.pythons.Python(BARE, "config", "3.11.0")

    def carry_out(
        *packages: str, cancel: threading.Event | None = None, uv: str | None = None, base: Any = python,
        modules: tuple[str, ...] = ("tiny",), language: str = "en",
    ) -> list[Any]:  # fmt: skip
        wish = core.environments.Wish(base, tmp_path / "made" / "env", packages, modules, uv)
        return list(core.environments.make(wish, cancel or threading.Event(), core.strings.Words(language)))

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


def test_where_there_is_no_python_uv_brings_one(make: Make, wheel: str, uv: str) -> None:
    assert make(wheel, uv=uv, base=None)[-1].python


def test_every_line_says_which_stage_it_is_of_and_what_is_run(make: Make, wheel: str, uv: str) -> None:
    told = make(wheel, uv=uv)
    assert [each.stage for each in told] == sorted(each.stage for each in told)
    begun = {each.stage: each.line for each in told if each.line.startswith("$ ")}
    assert [*begun] == [1, 2, 3]
    assert "venv --seed" in begun[1]
    assert wheel in begun[2]
    assert "import tiny" in begun[3]


def test_lines_come_as_they_are_written(make: Make, wheel: str, tmp_path: Path, core: Core) -> None:
    script = tmp_path / "uv"
    script.write_text(f'#!/bin/sh\nexec {BARE} -c "import time; print(1); time.sleep(300)"\n')
    script.chmod(0o755)
    cancel = threading.Event()
    wish = core.environments.Wish(None, tmp_path / "made" / "env", (wheel,), ("tiny",), str(script))
    lines = core.environments.make(wish, cancel, core.strings.Words("en"))
    assert next(lines).line.startswith("$ ")
    assert next(lines).line == "1"
    cancel.set()
    assert [each.failed for each in lines] == ["Cancelled; what was made is removed."]


def test_what_does_not_work_in_the_end_is_no_environment(make: Make, wheel: str, tmp_path: Path, uv: str) -> None:
    *lines, last = make(wheel, uv=uv, modules=("tiny", "absent"), language="zh")
    assert any("No module named 'absent'" in each.line for each in lines)
    assert last.failed.endswith(" 失败了，做了一半的已删除。")
    assert not (tmp_path / "made" / "env").exists()


def test_a_failure_is_said_and_leaves_nothing(make: Make, tmp_path: Path, uv: str) -> None:
    *lines, last = make(str(tmp_path / "nowhere.whl"), uv=uv)
    assert "pip install" in last.failed
    assert any("nowhere.whl" in each.line for each in lines)
    assert not (tmp_path / "made" / "env").exists()


def test_cancelling_ends_it_and_leaves_nothing(make: Make, wheel: str, tmp_path: Path) -> None:
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
    assert "left alone" in make(wheel)[-1].failed
    assert kept.read_text() == "mine"


def test_an_environment_that_the_user_has_made_is_left_alone(make: Make, wheel: str, tmp_path: Path, uv: str) -> None:
    theirs = tmp_path / "made" / "env" / "pyvenv.cfg"
    theirs.parent.mkdir(parents=True)
    theirs.touch()
    assert "left alone" in make(wheel, uv=uv)[-1].failed
    assert theirs.exists()


def test_a_link_in_its_place_is_left_alone(make: Make, wheel: str, tmp_path: Path, uv: str) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "env").symlink_to(tmp_path / "nowhere")
    assert "left alone" in make(wheel, uv=uv)[-1].failed
    assert not (tmp_path / "nowhere").exists()


def test_what_an_interrupted_attempt_left_is_made_anew(
    core: Core, make: Make, wheel: str, tmp_path: Path, uv: str
) -> None:
    folder = tmp_path / "made" / "env"
    wish = core.environments.Wish(core.pythons.Python(BARE, "config", "3.11.0"), folder, (wheel,), ("tiny",), uv)
    attempt = core.environments.make(wish, threading.Event(), core.strings.Words("en"))
    while not (folder / "pyvenv.cfg").exists():
        next(attempt)
    left = tmp_path / "as it was"
    shutil.copytree(tmp_path / "made", left, symlinks=True)  # as when the machine fails
    attempt.close()
    assert not core.environments.is_unfinished(folder)
    assert [*(tmp_path / "made").iterdir()] == []
    shutil.copytree(left, tmp_path / "made", symlinks=True, dirs_exist_ok=True)
    assert core.environments.is_unfinished(folder)
    assert make(wheel, uv=uv)[-1].python
    assert [each.name for each in (tmp_path / "made").iterdir()] == ["env"]
    assert not core.environments.is_unfinished(folder)


def test_commands_to_be_typed_lead_to_a_folder_that_is_never_ours(core: Core, tmp_path: Path, uv: str) -> None:
    wish = core.environments.Wish(None, tmp_path / "env", ("tiny",), ("tiny",), uv)
    typed = core.environments.commands(core.environments.by_hand(wish))
    assert typed[0][-1] == str(tmp_path / "env-by-hand")
    assert not any(str(tmp_path / "env") == str(Path(word)) for command in typed for word in command)
    assert not any(str(tmp_path / "env" / "bin") in word for command in typed for word in command)


def test_no_environment_is_made_with_a_python_inside_of_it(core: Core, tmp_path: Path) -> None:
    inside, linked = tmp_path / "env" / "bin" / "python", tmp_path / "linked"
    inside.parent.mkdir(parents=True)
    inside.symlink_to(BARE)
    linked.symlink_to(tmp_path / "env")
    paths = {str(inside): "3.13.0", str(linked / "bin" / "python"): "3.13.0", BARE: "3.11.0"}
    found = [core.pythons.Python(path, "own", version) for path, version in paths.items()]
    assert core.environments.base_of(found, tmp_path / "env").path == BARE
    assert core.environments.base_of(found[:2], linked) is None


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ([("3.9.1", ""), ("3.12.4", ""), ("3.14.0", ""), ("3.15.0", "")], "3.14.0"),
        ([("3.12.4", "anki"), ("3.11.2", "")], "3.11.2"),
        ([("3.15.0", ""), ("3.9.18", ""), ("", "mute")], None),
    ],
)
def test_it_is_based_on_the_newest_python_that_has_wheels_and_is_not_ankis(
    core: Core, found: list[tuple[str, str]], chosen: str | None
) -> None:
    pythons = [core.pythons.Python("/x/python", "path", version, problem=problem) for version, problem in found]
    base = core.environments.base_of(pythons, Path("/y"))
    assert (base.version if base else None) == chosen
    assert core.environments.Wish(base, Path("/x")).can == (chosen is not None)
    assert core.environments.Wish(base, Path("/x"), uv="/bin/uv").can


def test_only_what_the_add_on_has_made_is_removed(core: Core, make: Make, wheel: str, tmp_path: Path, uv: str) -> None:
    folder, theirs = tmp_path / "made" / "env", tmp_path / "theirs"
    theirs.mkdir()
    make(wheel, uv=uv)
    both = (str(folder), str(theirs), str(tmp_path / "nowhere"))
    assert core.environments.made(both) == (folder,)
    core.environments.remove(both)
    assert not folder.exists()
    assert theirs.exists()


def test_uv_is_found_where_its_installer_puts_it(core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/nowhere")
    program = tmp_path / ".local" / "bin" / "uv.exe"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    assert core.environments.find_uv(windows=True) == str(program)
    program.rename(program.with_suffix(""))
    assert core.environments.find_uv(windows=False) == str(program.with_suffix(""))


def test_commands_can_be_typed_on_either_system(core: Core) -> None:
    spoken = core.environments.spoken
    assert spoken(["/a b/uv", "venv"], windows=False) == "'/a b/uv' venv"
    assert spoken(["C:\\a b\\uv.exe", "venv"], windows=True) == '"C:\\a b\\uv.exe" venv'
    inside = core.environments._inside(Path("env"), windows=True)
    assert inside.endswith("python.exe")
    assert "Scripts" in inside, "before it is made nothing tells a virtual environment from conda's"
