"""Every way in which a command ends has its status and one line, and leaves nothing half done behind."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from build_deck import execution
from build_deck.cli import main
from build_deck.cli.exits import Status
from tests.build.commands import PROJECT, Command, alive, descendants
from tests.build.conftest import Checkout

pytestmark = pytest.mark.cells


def told(report: Path) -> tuple[int, str]:
    """How the report says that the command ended."""
    data = json.loads(report.read_text(encoding="utf-8"))
    return data["status"], data["reason"]


def running(command: Command, engines: int = 1) -> set[int]:
    """Wait until as many engines run a cell each, in the sandbox; all processes by then."""
    command.until(lambda: len(descendants(command.process.pid)) >= 4 * engines)
    return descendants(command.process.pid)


def test_the_help_and_the_manual_list_every_status() -> None:
    asked = CliRunner().invoke(main, ["--help"]).output.partition("Exit status:")[2].partition("Options:")[0]
    assert [int(word) for word in re.findall(r"(?m)^ +(\d+)|, (\d+)", asked) for word in word if word] == list(Status)
    manual = (PROJECT / "docs" / "running.md").read_text(encoding="utf-8")
    assert [int(word) for word in re.findall(r"(?m)^\| (\d+) \|", manual)] == list(Status)


def test_without_a_sandbox_nothing_runs_unless_trusted(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    report = tmp_path / "report.json"
    for command in ("run", "verify", "build"):
        result = checkout.do(command, *([] if command == "build" else ["--json", str(report)]))
        assert result.exit_code == 4
        line = result.stderr.splitlines()[-1]
        assert line.startswith("cells cannot be sandboxed here: bubblewrap is not installed")
        assert "--trust" in line
        assert not (checkout.root / "figures").exists()
    assert told(report)[0] == 4
    assert told(report)[1].startswith("cells cannot be sandboxed here")
    trusted = checkout.do("run", "--trust", "--json", str(report))
    assert (trusted.exit_code, told(report)) == (0, (0, ""))
    assert "2 cells run" in trusted.stdout
    assert checkout.do("verify", "--trust").exit_code == 0


def test_a_report_that_cannot_be_written_is_found_out_before_anything_runs(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "report.json", tmp_path):
        result = checkout.do("run", "--json", str(path))
        assert (result.exit_code, result.stdout) == (5, "")
        assert result.stderr.startswith(f"{path}: ")
        assert result.stderr.count("\n") == 1
    assert not (checkout.root / "figures").exists()


def limited(checkout: Checkout, *command: str) -> subprocess.CompletedProcess[str]:
    """A command that may write no file larger than 1 kB, as on a disk that is nearly full."""
    return subprocess.run(
        [sys.executable, "-m", "build_deck", *command, "--root", str(checkout.root)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)),
    )  # fmt: skip


def test_a_disk_without_room_is_one_line_and_the_package_before_stays(checkout: Checkout) -> None:
    assert checkout.do("build").exit_code == 0
    before = checkout.package.read_bytes()
    checkout.replace("拆头之后是四维。", "拆头之后是四维张量。")
    for command, says in (
        ("build", r"/\S+/collection.anki2: disk I/O error"),
        ("check", rf"{checkout.root}/.build/memo: File too large"),
        ("addon", rf"{checkout.root}/.build/memo: File too large"),
    ):
        result = limited(checkout, command)
        assert result.returncode == 5, result.stderr
        assert re.fullmatch(says, result.stderr.splitlines()[-1])
        assert "Traceback" not in result.stderr
    assert checkout.package.read_bytes() == before
    assert [path.name for path in (checkout.root / "dist").iterdir()] == [checkout.package.name]
    assert checkout.do("build").exit_code == 0


def test_where_nothing_can_be_written_that_is_said(checkout: Checkout) -> None:
    (checkout.root / "dist").write_text("a file")
    result = checkout.do("build")
    assert result.exit_code == 5
    assert re.fullmatch(rf"{checkout.root}/dist/proofdeck-\S+.apkg: .+", result.stderr.splitlines()[-1])
    shutil.rmtree(checkout.root / ".build")
    (checkout.root / ".build").write_text("a file")
    result = checkout.do("verify")
    assert result.exit_code == 5
    assert result.stderr.splitlines()[-1].startswith(f"{checkout.root}/.build")


def test_a_fault_of_ours_says_so_and_shows_where(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("what nobody thought of")

    monkeypatch.setattr(execution, "execute", broken)
    report = tmp_path / "report.json"
    result = checkout.do("run", "--json", str(report))
    assert (result.exit_code, told(report)[0]) == (6, 6)
    first = next(line for line in result.stderr.splitlines() if "a fault of ours" in line)
    assert first.endswith("LookupError('what nobody thought of')")
    assert "Traceback (most recent call last)" in result.stderr


def test_a_second_command_is_told_who_works_here_and_a_killed_one_blocks_nobody(slow: Checkout, tmp_path: Path) -> None:
    with Command.started(slow.root, "run", "shape", scratch=tmp_path / "first") as first:
        running(first)
        for command in (("build",), ("run",), ("verify",), ("merge", str(slow.root)), ("addon",)):
            result = slow.do(*command)
            assert result.exit_code == 7
            holder = f"python -m build_deck run (process {first.process.pid})"
            assert result.stderr == f"locked: {holder} works in this checkout; wait until it has ended\n"
        for command in (("check",), ("plan",), ("preview",)):
            assert slow.do(*command).exit_code == 0
    slow.replace("import time\ntime.sleep(300)\nheads", "heads")
    assert slow.do("run", "shape").exit_code == 0


def test_a_preview_that_is_served_blocks_nobody(checkout: Checkout, tmp_path: Path) -> None:
    page = checkout.root / "dist" / "preview" / "index.html"
    with Command.started(checkout.root, "preview", "--serve", "--port", "0", scratch=tmp_path / "served") as served:
        served.until(page.is_file)
        assert checkout.do("build").exit_code == 0
        assert checkout.do("preview").exit_code == 0
        served.process.send_signal(signal.SIGINT)
        assert served.ended()[0] == 0


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("engines", [1, 2])
def test_a_signal_ends_the_engines_and_leaves_nothing(
    slow: Checkout, tmp_path: Path, sign: signal.Signals, status: int, engines: int
) -> None:
    if engines == 2:  # enough to do for two workers, where there are two cores
        text = slow.cards.read_text(encoding="utf-8").split("\n2) ")[1]
        third = text.replace("{#shape", "{#third").replace("{#count", "{#counted").replace("of=count", "of=counted")
        slow.cards.write_text(f"{slow.cards.read_text(encoding='utf-8')}\n3) {third}", encoding="utf-8")
    report = tmp_path / "report.json"
    with Command.started(slow.root, "run", "--json", str(report), scratch=tmp_path / "scratch") as command:
        started = running(command, min(engines, os.cpu_count() or 1))
        assert command.folders
        command.process.send_signal(sign)
        ended, _, stderr = command.ended()
        assert alive(started) == set()
    assert (ended, told(report)[0]) == (status, status)
    assert "Traceback" not in stderr
    assert command.folders == []
    assert slow.do("plan").exit_code == 0


def test_a_signal_while_the_engine_starts_leaves_nothing_either(slow: Checkout, tmp_path: Path) -> None:
    with Command.started(slow.root, "run", scratch=tmp_path / "scratch") as command:
        command.until(lambda: command.folders and descendants(command.process.pid))
        started = descendants(command.process.pid)
        command.process.terminate()
        assert command.ended()[0] == 143
        assert alive(started) == set()
    assert command.folders == []


def test_a_terminal_that_is_closed_ends_it_as_a_signal_does(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    checkout.replace("heads, width = 4, 32\n", "import time\ntime.sleep(300)\nheads, width = 4, 32\n")
    checkout.replace("{#count}", "{#count timeout=600}")
    master, terminal = os.openpty()
    with Command.started(checkout.root, "run", scratch=tmp_path / "scratch", terminal=terminal) as command:
        os.close(terminal)
        shown = b""
        while b"0:0" not in shown:  # the bar's clock; it is drawn on and on, and taken away in the end
            shown += os.read(master, 1000)
        started = running(command)
        os.close(master)
        assert command.process.wait(60) == 129
        assert alive(started) == set()
    assert command.folders == []


def test_nohup_is_heeded(checkout: Checkout, tmp_path: Path) -> None:
    with Command.started(checkout.root, "run", scratch=tmp_path / "scratch", ignored=signal.SIGHUP) as command:
        running(command)
        command.process.send_signal(signal.SIGHUP)
        assert command.ended()[0] == 0


@pytest.mark.parametrize("command", [("verify",), ("verify", "nobody"), ("verify", "--help"), ("--help",), ("check",)])
def test_without_a_reader_it_ends_quietly(checkout: Checkout, tmp_path: Path, command: tuple[str, ...]) -> None:
    report = tmp_path / "report.json"
    words = (*command, "--json", str(report)) if command == ("verify",) else command
    with Command.started(checkout.root, *words, scratch=tmp_path / "scratch") as started:
        for stream in (started.process.stdout, started.process.stderr):
            assert stream
            stream.close()
        assert started.process.wait(120) == 141
    assert command != ("verify",) or (told(report)[0], checkout.do("run").exit_code) == (141, 0)


def test_what_a_killed_command_leaves_is_what_the_manual_says(slow: Checkout, tmp_path: Path) -> None:
    with Command.started(slow.root, "run", "shape", scratch=tmp_path / "scratch") as command:
        started = running(command)
        command.process.kill()
        command.process.wait()
        deadline = time.monotonic() + 20
        while alive(started) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert alive(started) == set()
    assert all(name.startswith("proofdeck-") for name in command.folders)
    assert slow.do("plan").exit_code == 0
