"""Who may run the sandbox, what happens without it, and what is left when the runner itself is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cell_driver import command
from cell_jobs import Cells

from build_deck.cells import sandbox, selftest
from build_deck.cells.protocol import Interpreter, Job, Limits, Snippet
from build_deck.cells.runner import Engine, EngineError, SandboxError, outcomes

pytestmark = pytest.mark.cells


@pytest.mark.skipif(os.getuid() != 0, reason="the whole suite already runs as a plain user")
def test_a_plain_user_has_the_same_sandbox(elsewhere: Path) -> None:
    python = "/usr/bin/python3"  # ours may lie where only root may go
    code = "import os\nprint(sorted(os.listdir('/proc'))[0], os.path.exists('/etc/passwd'))\nopen('/dev/x', 'w')"
    as_user = ["setpriv", "--reuid", "1234", "--regid", "1234", "--clear-groups"]
    ended = subprocess.run(
        [*as_user, *command(elsewhere, python, "boxed", code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd="/",
    )
    assert ended.stdout.splitlines() == ["start  ", "output  1 False", "", "end failed "], ended.stderr


def alive(mark: str) -> bool:
    commands = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            commands.append(path.read_bytes())
        except OSError:
            continue
    return any(command.startswith(b"sleep\0" + mark.encode()) for command in commands)


@pytest.mark.parametrize("way", ["boxed", "plain", "spawned"])
def test_a_killed_runner_leaves_nothing_behind(elsewhere: Path, way: str) -> None:
    mark = f"9{time.time_ns()}"
    code = (
        f"import subprocess\nsubprocess.Popen(['sleep', '{mark}'], start_new_session=True)\nprint('up')\nwhile 1: pass"
    )
    with subprocess.Popen(command(elsewhere, sys.executable, way, code), stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == "start  \n"
        assert runner.stdout.readline() == "output  up\n"
        assert comes(lambda: alive(mark))
        runner.kill()
    assert comes(lambda: not alive(mark))


@pytest.mark.parametrize("way", [True, False], ids=["boxed", "plain"])
def test_a_killed_server_leaves_no_cell_behind(interpreter: Callable[[bool], Interpreter], way: bool) -> None:
    mark = f"8{time.time_ns()}"
    with Engine(replace(interpreter(way), modules=())) as engine:
        code = f"import os\nos.execvp('sleep', ['sleep', '{mark}'])"
        events = engine.run(Job("a-card", (Snippet("cell", code, "source/x.md", 1),)))
        assert next(events).kind == "start"
        assert comes(lambda: alive(mark))
        assert engine._server is not None
        engine._server.kill()
        assert comes(lambda: not alive(mark))
        assert [event.outcome.status for event in events if event.outcome] != ["ok"]


def comes(condition: Callable[[], bool]) -> bool:
    """Whether it is so before long."""
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_an_engine_outlives_the_thread_that_started_it(interpreter: Callable[[bool], Interpreter]) -> None:
    with Engine(replace(interpreter(True), modules=())) as engine:
        for _ in range(2):
            thread = threading.Thread(target=lambda: engine.toolchain)
            thread.start()
            thread.join()
            time.sleep(0.3)
            server = engine._server
            assert server is not None
            assert server.poll() is None
        assert Cells(engine).one("print(1)").stdout == "1\n"
        assert engine._server is server


def test_without_bubblewrap_nothing_runs(
    interpreter: Callable[[bool], Interpreter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with Engine(interpreter(True)) as engine, pytest.raises(SandboxError, match="bubblewrap"):
        outcomes(engine.run(selftest.job("/nowhere")))


def test_a_sandbox_with_a_hole_fails_its_self_test(
    interpreter: Callable[[bool], Interpreter], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = sandbox.wrap

    def weaker(command: list[str], settings: Interpreter) -> list[str]:
        arguments = sound(command, settings)
        at = arguments.index("--")
        return [*arguments[:at], "--ro-bind", "/etc", "/etc", *arguments[at:]]

    monkeypatch.setattr(sandbox, "wrap", weaker)
    with Engine(replace(interpreter(True), modules=())) as engine, pytest.raises(SandboxError, match="the host shows"):
        outcomes(engine.run(selftest.job("/nowhere")))


def test_what_cannot_be_limited_without_a_sandbox_is_not_blamed_on_one(plain: Cells) -> None:
    with pytest.raises(EngineError, match="could not start") as fault:
        plain.one("print(1)", limits=Limits(file="no size"))  # type: ignore[arg-type]
    assert not isinstance(fault.value, SandboxError)


def test_what_cannot_be_confined_does_not_run(boxed: Cells) -> None:
    with pytest.raises(SandboxError, match="could not start"):
        boxed.one("print(1)", limits=Limits(scratch=-1))  # no such size: its folder cannot be mounted
    assert [each.status for each in boxed("import os\nos._exit(70)", "print(1)")] == ["failed", "skipped"]
    assert boxed.one("print(1)").stdout == "1\n"


def test_the_self_test_notices_that_there_is_no_sandbox(plain: Cells) -> None:
    ended = outcomes(plain.engine.run(selftest.job(__file__)))
    assert ended[0].status == "failed"
    assert "visible" in ended[0].error


@pytest.mark.parametrize("limit", ["memory", "processes"])
def test_limits_bind_without_a_sandbox_as_far_as_they_can(plain: Cells, limit: str) -> None:
    if limit == "memory":
        assert plain.one("x = bytearray(200 << 20)", limits=Limits(memory=64 << 20)).status == "memory"
    else:
        assert plain.one("import resource\nprint(resource.getrlimit(resource.RLIMIT_NOFILE))").stdout == "(256, 256)\n"
