"""Runs in real child processes with real torch: what the page is told, how they end, what is left of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cells_text import entry, field
from desks import Bench
from staged import Core

from build_deck.cells.identity import digest

pytestmark = pytest.mark.cells

DRAW = """
import matplotlib.pyplot as plt
import torch
x = torch.linspace(0, 1, 5)
print("sum", round(float(x.sum()), 3))
fig, ax = plt.subplots()
ax.plot(x, x**2, label="平方")
ax.legend()
"""
PIDS = """
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "300"])
print(os.getpid(), child.pid, flush=True)
while True:
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def bench(core: Core, addon: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A desk over the staged add-on and the core environment; all tests share its warm interpreter."""
    package = tmp_path_factory.mktemp("package")
    for name in ("style", "inputs"):
        (package / name).symlink_to(addon / name)
    python = str(project / ".envs" / "core" / "bin" / "python")
    made = Bench(core, package, python=python, sandbox="off", time_limit=5)
    yield made
    made.desk.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_torch_cell_with_a_figure_agrees_with_its_record(bench: Bench) -> None:
    state = bench.run("draw", field(entry("draw", DRAW, figure="平方", stdout="sum 2.5\n")))
    assert (state["phase"], state["verdict"], state["words"]) == ("done", "same", "same as verified")
    assert state["output"] == [["stdout", "sum 2.5\n"]]
    assert "torch 2.13.0" in state["about"]
    assert state["seconds"] > 0
    assert state["figures"] == ["平方"]
    svg = "".join(bench.drawn["draw", 0])
    assert svg.lstrip().startswith("<?xml")
    assert svg.rstrip().endswith("</svg>")
    assert "#0c0c0c" in svg.lower(), "in the sentinel ink, which the page replaces"


def test_a_large_figure_comes_in_pieces_and_again_after_a_flip(core: Core) -> None:
    svgs = ("<svg>" + "0" * 300_000 + "</svg>", "<svg>1</svg>")
    ended = core.verdicts.Ended(
        "same", "", figures=tuple(core.verdicts.Drawing("n", svg) for svg in svgs), caption="图"
    )
    results = begun(core)
    results.end("1", "c", ended)
    for look in (results.take, lambda: results.states("1", "version")):
        look()
        pieces = [update["figure"] for (update,) in iter(results.take, [])]
        assert [(number, last) for number, _, last in pieces] == [(0, False), (0, False), (0, True), (1, True)]
        assert max(len(piece) for _, piece, _ in pieces) == 1 << 17
        assert tuple("".join(piece for at, piece, _ in pieces if at == number) for number in (0, 1)) == svgs
        assert not results.pending()


def test_the_order_in_which_output_came_is_kept(bench: Bench) -> None:
    source = (
        "import sys, time\nfor n in range(6):\n    print(n, '  ', flush=True, file=(sys.stdout, sys.stderr)[n % 2])\n"
    )
    text = field(entry("o", source + "    time.sleep(0.3)\n", stdout="0\n2\n4\n"))
    bench.seen.clear()
    assert bench.approve("o", text).kind == "started"
    bench.finish()
    state = bench.state("o", text)
    told = [each.get("output") or each["state"]["output"] for each in bench.seen if "figure" not in each][:-1]
    live = [(stream, each) for parts in told for stream, piece in parts for each in piece]
    kept = [(stream, each) for stream, piece in state["output"] for each in piece]
    assert len(state["output"]) > 2
    assert kept[: len(live)] == live
    assert state["verdict"] == "same"


def test_where_cleaning_has_changed_something_the_streams_stand_one_after_the_other(core: Core) -> None:
    settled = core.verdicts.settled
    live = [["stderr", "10%\r"], ["stdout", "a\n"], ["stderr", "20%\n"]]
    assert settled(live, [("stdout", "a\n"), ("stderr", "20%\n")]) == [["stdout", "a\n"], ["stderr", "20%\n"]]
    many = [["stdout", "o"], ["stderr", "e"]] * 300
    assert len(settled(many, [("stdout", "o" * 300 + "\n"), ("stderr", "e" * 300 + "\n")])) == 2


@pytest.mark.parametrize(
    ("source", "changes", "words"),
    [
        ("import os\nos._exit(0)", {}, "失败：没运行到最后一行，进程就结束了"),
        ("import os\nos.kill(os.getpid(), 11)", {}, "失败：没运行到最后一行，进程就结束了"),
        ("x = 1", {"raises": "ValueError"}, "失败：本该抛出异常，却没有"),
        (
            "import os\nos.kill(os.getppid(), 9)\nimport time\ntime.sleep(60)",
            {},
            "失败：运行它的进程没有了，或没有响应",
        ),
        ("print('x' * 100_000)", {}, "输出或写入太多，已停止"),
        ("b'x' * (9 << 30)", {}, "内存不够，已停止"),
        (
            "import threading\nwhile True: threading.Thread(target=threading.Event().wait).start()",
            {},
            "进程太多，已停止",
        ),
    ],
    ids=["exit", "signal", "no exception", "no server", "output", "memory", "processes"],
)
def test_every_ending_is_said_in_the_learners_language(
    bench: Bench, source: str, changes: dict[str, object], words: str
) -> None:
    settings = bench.settings
    bench.settings = replace(settings, language="zh")
    state = bench.run("e", field(entry("e", source, stdout="", **changes)))
    bench.settings = settings
    assert (state["words"], state["error"].count("process ")) == (words, 0)
    if "输出" in words:
        assert state["output"][0][1].endswith("\n… 输出在这里截断（超过上限）\n")


def test_where_output_was_cut_is_said_in_the_learners_language(bench: Bench) -> None:
    text = field(entry("cut", "print('x' * 100_000, flush=True)\nwhile True: pass"))
    assert bench.approve("cut", text).kind == "started"
    bench.until(lambda: "cut off here" in bench.page.get("cut", ""))
    bench.finish()
    assert bench.state("cut", text)["output"][0][1].endswith("… cut off here: more than may be shown\n")


def test_a_difference_in_rules_and_signs_is_shown(bench: Bench) -> None:
    cell = entry("c", "print('+++')\nprint('@@ 2')\nprint('end')", stdout="-----\n@@ 1\nend\n")
    shown = [["-", "-----"], ["-", "@@ 1"], ["+", "+++"], ["+", "@@ 2"], [" ", "end"]]
    assert bench.run("c", field(cell))["diff"] == shown


def test_a_difference_is_shown_with_the_cells_own_tolerance(bench: Bench) -> None:
    cell = entry("c", "print('loss', 1.05)\nprint('n', 3)", stdout="loss 1.0\nn 3\n")
    state = bench.run("c", field(cell))
    assert state["verdict"] == "different"
    assert state["diff"] == [["-", "loss 1.0"], ["+", "loss 1.05"], [" ", "n 3"]]
    assert bench.run("c", field({**cell, "rtol": 0.1}))["verdict"] == "same"
    assert bench.run("c", field({**cell, "compare": "none"}))["verdict"] == "same"
    bare = {name: value for name, value in cell.items() if name != "stdout"}
    assert bench.run("c", field(bare))["verdict"] == "unrecorded"


def test_cells_of_one_card_share_a_process_up_to_the_one_that_was_asked_for(bench: Bench) -> None:
    text = field(entry("a", "x = 20"), entry("b", "print(x + 1)", stdout="21\n"), entry("c", "print('never')"))
    assert bench.run("b", text)["verdict"] == "same"
    assert bench.state("a", text)["verdict"] == "unrecorded"
    assert bench.state("c", text)["phase"] == "idle"


def test_results_of_cells_that_run_elsewhere_are_read(bench: Bench) -> None:
    text = field(entry("gpu", "", needs=["cuda"], result={"ms": 1.5}), entry("d", "print(result('gpu')['ms'])"))
    assert bench.run("d", text)["output"] == [["stdout", "1.5\n"]]


def test_a_kata(bench: Bench) -> None:
    tests = "def test_one():\n    assert double(1) == 2\n\ndef test_two():\n    assert double(2) == 4"
    text = field(
        entry("stub", "def double(x):\n    raise NotImplementedError", role="stub"),
        entry("solution", "def double(x):\n    return 2 * x", role="solution"),
        entry("tests", tests, role="tests", stdout=""),
    )
    assert bench.run("tests", text)["words"] == "same as verified · 2/2 tests"
    assert bench.run("stub", text)["phase"] == "done"
    assert bench.state("tests", text)["words"] == "the tests fail on the stub, as they must"


def test_a_failure_shows_its_traceback_in_the_cells_own_lines(bench: Bench) -> None:
    state = bench.run("f", field(entry("f", "print('before')\nassert 1 == 2, 'not equal'")))
    assert (state["verdict"], state["words"]) == ("failed", "failed: AssertionError")
    assert 'File "a-card/f", line 2' in state["error"]
    assert state["error"].endswith("AssertionError: not equal\n")
    assert state["output"] == [["stdout", "before\n"]]


def test_an_exception_that_is_promised_is_no_failure(bench: Bench) -> None:
    state = bench.run("r", field(entry("r", "1 / 0", raises="ZeroDivisionError", stdout="")))
    assert state["verdict"] == "same"


def test_a_flood_is_bounded_and_comes_in_small_pieces(core: Core, bench: Bench) -> None:
    state = bench.run("flood", field(entry("flood", "for n in range(200_000):\n    print('line', n)")))
    assert state["verdict"] == "output"
    assert len(state["output"][0][1]) < 70_000
    pieces = told(core, ("stdout", "x" * 20_000))
    assert [text for [[_, text]] in pieces] == ["x" * 8192, "x" * 8192, "x" * 3616]


def test_interleaved_streams_are_bounded_too(core: Core) -> None:
    pieces = told(core, *[("stdout", "o"), ("stderr", "e")] * 3000)
    assert [len(parts) for parts in pieces] == [100] * 60


def told(core: Core, *printed: tuple[str, str]) -> list[list[list[str]]]:
    """What the page is told, turn by turn, of a cell that has printed all this since the last turn."""
    results = begun(core)
    for stream, text in printed:
        results.add("1", "c", stream, text)
    turns = iter(results.take, [])
    return [update["output"] for (update,) in turns]


def begun(core: Core) -> Any:
    """Results in which the page knows that a cell has been asked for."""
    results = core.results.Results()
    results.begin("1", "version", core.jobs.plan(core.note.decode(field(entry("c", ""))), "c"))
    results.take()
    return results


def test_what_is_printed_is_text_without_escapes_and_control_characters(bench: Bench) -> None:
    source = r"print('<script>alert(1)</script>\x1b[2J\x1b]0;title\x07\u202eevil\x00', flush=True)"
    text = field(entry("m", source + "\nwhile True: pass"))
    assert bench.approve("m", text).kind == "started"
    bench.until(lambda: bench.page.get("m"))
    live = bench.page["m"]
    bench.desk.stop()
    bench.finish()
    for said in (live, bench.state("m", text)["output"][0][1]):
        assert said == "<script>alert(1)</script>\ufffdevil\ufffd\n"


def test_a_stopped_cell_takes_everything_it_started_with_it(bench: Bench) -> None:
    text = field(entry("p", PIDS), entry("q", "print('after')"))
    assert bench.approve("p", text).kind == "started"
    bench.until(lambda: bench.page.get("p"))
    pids = [int(word) for word in bench.page["p"].split()]
    assert all(map(alive, pids))
    bench.desk.stop()
    bench.finish()
    assert bench.state("p", text)["verdict"] == "stopped"
    bench.until(lambda: not any(map(alive, pids)))
    assert bench.run("q", field(entry("q", "print('after')")))["output"] == [["stdout", "after\n"]]


def test_an_endless_cell_ends_at_its_limit(bench: Bench) -> None:
    bench.settings = bench.core.settings.Settings(python=bench.settings.python, sandbox="off", warm=False, time_limit=1)
    state = bench.run("e", field(entry("e", "while True: pass", timeout=1.0)))
    assert (state["verdict"], state["error"]) == ("timeout", "")


def test_what_a_note_has_shown_survives_the_flip_and_not_an_edit(bench: Bench) -> None:
    text = field(entry("s", "print('kept')"))
    bench.run("s", text, note="42")
    assert bench.state("s", text, note="42")["output"] == [["stdout", "kept\n"]]
    assert bench.state("s", text, note="43")["phase"] == "idle"
    assert bench.state("s", field(entry("s", "print('kept') ")), note="42")["phase"] == "idle"


def test_only_the_last_notes_are_remembered(bench: Bench) -> None:
    text = field(entry("s", "print('kept')"))
    bench.run("s", text, note="42")
    for number in range(30):
        bench.desk.state(bench.place(text, note=f"other-{number}"))
    assert bench.state("s", text, note="42")["phase"] == "idle"


def test_a_missing_module_is_named_before_anything_runs(bench: Bench) -> None:
    state = bench.run("l", field(entry("l", "import sklearn")))
    assert state["verdict"] == "lacking"
    assert "pip install scikit-learn" in state["words"]


def test_an_input_that_did_not_come_with_the_add_on(bench: Bench) -> None:
    state = bench.run("i", field(entry("i", "", inputs=["source/nowhere.py"])))
    assert (state["verdict"], state["words"]) == ("lacking", "The deck is newer than the add-on: update the add-on.")


def test_known_digests_are_those_of_the_note(bench: Bench) -> None:
    cell = entry("k", "print(1)")
    assert bench.core.note.decode(field(cell)).cells[0].digest == digest(cell)
