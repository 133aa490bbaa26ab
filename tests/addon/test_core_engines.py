"""The interpreter between runs: warm or not, sandboxed or not, gone, and closed while it loads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cells_text import entries, entry, field
from desks import BARE, Bench
from staged import Core

from build_deck.cells.identity import digest

pytestmark = pytest.mark.cells

Make = Callable[..., Bench]
WHERE = field(entry("w", "import os, sys\nprint(os.getppid(), os.getcwd(), os.path.exists('/etc/passwd'))"))


@pytest.fixture
def make(core: Core, addon: Path, tmp_path: Path) -> Iterator[Make]:
    made: list[Bench] = []
    for name in ("style", "inputs"):
        (tmp_path / name).symlink_to(addon / name)

    def bench(**settings: Any) -> Bench:
        made.append(Bench(core, tmp_path, **settings))
        return made[-1]

    yield bench
    for each in made:
        each.desk.close()


@pytest.fixture
def slow(tmp_path: Path) -> str:
    """A Python that takes a second to begin, as one with torch does, and answers at once when it is only asked."""
    script = tmp_path / "slow" / "python3"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\ncase "$*" in *-I*) ;; *) sleep 1;; esac\nexec {BARE} "$@"\n')
    script.chmod(0o755)
    return str(script)


def printed(state: dict[str, Any]) -> list[str]:
    return str(state["output"][0][1]).split()


def test_the_sandbox_is_used_where_it_can_be_and_said(make: Make) -> None:
    bench = make(sandbox="auto")
    state = bench.run("w", WHERE)
    assert state["about"].endswith(" · sandboxed"), state
    assert printed(state)[1:] == ["/scratch", "False"]


def test_without_it_a_plain_process_runs_and_that_is_said(make: Make) -> None:
    state = make(sandbox="off").run("w", WHERE)
    assert state["about"].endswith(" · no sandbox")
    assert printed(state)[2] == "True"


def test_where_there_is_none_auto_goes_on_and_always_refuses(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # no bubblewrap
    assert make(sandbox="auto").run("w", WHERE)["about"].endswith(" · no sandbox")
    refused = make(sandbox="always").run("w", WHERE)
    assert refused["verdict"] == "lacking"
    assert "no sandbox here" in refused["words"]


def test_a_sandbox_that_does_not_start_is_done_without_once_and_for_all(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "bwrap").write_text("#!/bin/sh\necho setting up uid map: Permission denied >&2\nexit 1\n")
    (broken / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(broken))
    bench = make(sandbox="auto")
    why = "setting up uid map: Permission denied"
    # it was approved for the sandbox, and so is asked about once more
    refused = bench.run("w", WHERE)
    assert (refused["verdict"], refused["output"], why in refused["words"]) == ("lacking", [], True)
    answer = bench.press("w", WHERE)
    assert (answer.kind, answer.approval.bare, why in answer.approval.where) == ("ask", True, True)
    bench.desk.decide(answer.approval, True)
    bench.finish()
    state = bench.state("w", WHERE)
    assert printed(state)[2] == "True"
    assert state["warning"] == f"no sandbox: it does not start here ({why})"
    assert "sandbox" not in state["about"]
    assert bench.run("w", WHERE)["warning"], "and from now on without a question"
    assert why in bench.desk.sandbox_fault(bench.settings.python)
    assert "Permission denied" in make(sandbox="always").run("w", WHERE)["words"]


def test_code_that_ships_runs_without_a_sandbox_that_does_not_start(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "bwrap").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    (tmp_path / "known.txt").write_text(digest(entries(WHERE)[0]))
    assert make(sandbox="auto").run("w", WHERE)["warning"]


def test_one_server_serves_run_after_run(make: Make) -> None:
    bench = make()
    parents = {printed(bench.run("w", WHERE))[0] for _ in range(3)}
    assert len(parents) == 1
    bench.desk.renew()
    assert printed(bench.run("w", WHERE))[0] not in parents


def test_warming_loads_once_and_only_if_it_is_wished(make: Make) -> None:
    bench = make(warm=True)
    for _ in range(50):
        bench.desk.warm()
    runner = bench.desk._runner
    bench.until(lambda: runner._engine is not None and runner._engine._toolchain is not None)
    engine = runner._engine
    bench.run("w", WHERE)
    assert runner._engine is engine
    lazy = make(warm=False)
    lazy.desk.warm()
    assert lazy.desk._runner._thread is None


def test_an_interpreter_that_is_not_there_is_said(make: Make) -> None:
    for path in ("/nowhere/python3", "relative/python3", "/bin/sh", "/etc/passwd"):
        state = make(python=path).run("w", WHERE)
        assert state["verdict"] == "lacking"
        assert path in state["words"]


def test_an_interpreter_that_breaks_is_said_and_the_next_run_works(make: Make, tmp_path: Path) -> None:
    broken = tmp_path / "python3"
    answer = f'case "$*" in *"-I"*) exec {BARE} "$@";; *) echo dead >&2; exit 3;; esac'
    broken.write_text(f"#!/bin/sh\n{answer}\n")
    broken.chmod(0o755)
    bench = make(python=str(broken))
    state = bench.run("w", WHERE)
    assert (state["verdict"], state["words"]) == ("failed", "Python did not start: dead")
    bench.settings = bench.core.settings.Settings(python=BARE, warm=False, sandbox="off")
    bench.desk.renew()
    assert bench.run("w", WHERE)["phase"] == "done"


def test_a_run_can_be_stopped_while_its_interpreter_loads(make: Make, slow: str) -> None:
    bench = make(python=slow)
    text = field(entry("t", "print('ran')"))
    assert bench.approve("t", text).kind == "started"
    assert bench.state("t", text)["phase"] == "loading"
    bench.desk.stop()
    assert bench.state("t", text)["verdict"] == "stopped"
    bench.finish()
    assert bench.run("t", text)["output"] == [["stdout", "ran\n"]]  # the loading went on and serves it


def test_a_task_that_breaks_leaves_the_next_one_its_thread(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make(warm=True)
    runs = bench.core.runs
    probe, broken = runs.probe, threading.Event()

    def breaks(*_: object) -> None:
        broken.set()
        raise ValueError("nobody expects this")

    monkeypatch.setattr(runs, "probe", breaks)
    bench.desk.warm()
    assert broken.wait(30)
    monkeypatch.setattr(runs, "probe", probe)
    assert printed(bench.run("w", WHERE))


@pytest.mark.parametrize("python", ["/nowhere/python3", "/bin/sh"])
def test_an_interpreter_that_cannot_be_used_leads_to_the_settings_until_that_changes(make: Make, python: str) -> None:
    bench = make(python=python)
    assert not bench.desk.wants_settings
    assert bench.run("w", WHERE)["remedy"] == "settings"
    assert bench.desk.wants_settings
    bench.settings = bench.core.settings.Settings(python=BARE, warm=False, sandbox="off")
    assert bench.state("w", WHERE)["remedy"] == ""
    bench.desk.renew()
    assert bench.run("w", WHERE)["remedy"] == ""
    lacking = field(entry("l", "import sklearn"))
    assert bench.run("l", lacking)["verdict"] == "lacking"
    assert bench.state("l", lacking)["remedy"] == "", "another interpreter is not the only remedy"


def test_no_interpreter_leads_to_the_settings(make: Make) -> None:
    assert make(python="").desk.wants_settings


def test_closing_ends_the_thread_whatever_goes_on(make: Make, slow: str) -> None:
    endless = field(entry("t", "print('x', flush=True)\nwhile True: pass"))
    for wait in (False, True):
        bench = make(python=slow)
        assert bench.approve("t", endless).kind == "started"
        if wait:
            bench.until(lambda: bench.page.get("t"))  # noqa: B023
        thread = bench.desk._runner._thread
        bench.desk.close()
        thread.join(30)
        assert not thread.is_alive()
        assert bench.press("t", endless).kind == "refused"


def test_the_callers_thread_never_waits(make: Make) -> None:
    bench = make()
    text = field(entry("t", "for n in range(5000):\n    print('line', n)"))
    longest = 0.0
    bench.approve("t", text)
    while bench.desk.running:
        before = time.thread_time()
        bench.look()
        bench.desk.state(bench.place(text))
        longest = max(longest, time.thread_time() - before)
        threading.Event().wait(0.01)
    assert longest < 0.1


def test_a_thousand_looks_at_a_field_read_it_once(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make()
    desk, read = bench.core.desk, []
    decode = desk.decode
    monkeypatch.setattr(desk, "decode", lambda text: read.append(text) or decode(text))
    for text in (field(entry("t", "print(1)")), "no field", ""):
        read.clear()
        for _ in range(1000):
            bench.desk.state(bench.place(text))
        assert read == [text], "one that cannot be read, too"
    for n in range(50):
        bench.desk.state(bench.place(field(entry("t", f"print({n})"))))
    assert len(bench.desk._read) <= 8
