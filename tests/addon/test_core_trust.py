"""Every rule of trust: what runs on a click, what is asked about, what is refused, and what is remembered of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cells_text import entry, field
from desks import Bench
from staged import Core

from build_deck.cells.identity import digest

Make = Callable[..., Bench]
HELLO = entry("hello", "print('hello')", stdout="hello\n")
WORLD = entry("world", "print('world')")
BOTH = field(HELLO, WORLD)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """An add-on's folder that knows the cell `hello`."""
    (tmp_path / "known.txt").write_text(digest(HELLO) + "\nnonsense\n")
    return tmp_path


@pytest.fixture
def make(core: Core, package: Path) -> Iterator[Make]:
    made: list[Bench] = []

    def bench(profile: str = "/profiles/one", **settings: Any) -> Bench:
        made.append(Bench(core, package, profile, **settings))
        return made[-1]

    yield bench
    for each in made:
        each.desk.close()


def test_known_code_runs_on_a_click(make: Make) -> None:
    bench = make()
    assert bench.press("hello", BOTH).kind == "started"
    bench.finish()
    assert bench.state("hello", BOTH)["verdict"] == "same"


def test_unknown_code_is_shown_and_does_not_run(make: Make) -> None:
    bench = make()
    answer = bench.press("world", BOTH)
    assert answer.kind == "ask"
    assert [cell.id for cell in answer.approval.unknown] == ["world"]
    assert answer.approval.code == "# world\nprint('world')"
    assert not bench.desk.running
    assert bench.state("world", BOTH)["phase"] == "idle"


def test_approval_is_for_this_code_now_and_later(make: Make) -> None:
    bench = make()
    assert bench.run("world", BOTH)["output"] == [["stdout", "world\n"]]
    assert bench.press("world", BOTH).kind == "started"
    bench.finish()
    edited = field(HELLO, entry("world", "print('world') "))
    assert bench.press("world", edited).kind == "ask"


def test_one_changed_character_makes_code_unknown(make: Make) -> None:
    for cell in (entry("hello", "print('hello')\n"), entry("hello", "print('hellо')"), {**HELLO, "env": "hf"},
                 {**HELLO, "language": "bash"}, {**HELLO, "needs": ["cuda"]}, {**HELLO, "inputs": ["a.py"]}, {**HELLO, "result": 1}):  # fmt: skip
        assert make().press("hello", field(cell)).kind == "ask", cell


def test_code_that_runs_before_is_asked_about_too(make: Make) -> None:
    bench = make()
    sneaky = field(entry("first", "import os"), HELLO)
    answer = bench.press("hello", sneaky)
    assert [cell.id for cell in answer.approval.unknown] == ["first"]


def test_what_another_cell_is_said_to_have_measured_is_asked_about_and_shown(make: Make, package: Path) -> None:
    gpu, reads = entry("gpu", "x = 1", needs=["cuda"], result=1.5), entry("reads", "print(result('gpu'))")
    (package / "known.txt").write_text(f"{digest(gpu)}\n{digest(reads)}\n")
    assert make().press("reads", field(gpu, reads)).kind == "started"
    answer = make().press("reads", field({**gpu, "result": "\n!"}, reads))
    assert answer.approval.code == '# gpu\n# needs: ["cuda"]\n# result: "\\n!"\nx = 1'


def test_what_was_shown_is_what_runs(make: Make) -> None:
    bench = make()
    answer = bench.press("world", BOTH)
    # whatever the note says by now, the approved plan is the one that was on show
    assert bench.desk.decide(answer.approval, True).kind == "started"
    bench.finish()
    assert bench.state("world", BOTH)["output"] == [["stdout", "world\n"]]


def test_declined_code_does_not_run_and_is_asked_about_again(make: Make) -> None:
    bench = make()
    answer = bench.press("world", BOTH)
    assert bench.desk.decide(answer.approval, False).kind == "refused"
    assert not bench.desk.running
    assert bench.press("world", BOTH).kind == "ask"


def test_a_thousand_presses_ask_once(make: Make) -> None:
    bench = make()
    kinds = [bench.press("world", BOTH).kind for _ in range(1000)]
    assert kinds == ["ask"] + ["refused"] * 999


def test_after_a_dialog_there_is_a_pause(make: Make) -> None:
    bench = make()
    bench.desk.decide(bench.press("world", BOTH).approval, False)
    place = bench.place(BOTH)
    assert [bench.desk.press("world", place).kind for _ in range(100)] == ["refused"] * 100
    bench.now += 1.1
    assert bench.desk.press("world", place).kind == "ask"


def test_an_approval_is_good_once_and_only_if_it_was_asked_for(make: Make) -> None:
    bench = make()
    asked = bench.press("world", BOTH).approval
    forged = replace(asked)
    assert forged == asked
    assert bench.desk.decide(forged, True).kind == "refused"
    assert bench.desk.decide(asked, False).kind == "refused"
    assert bench.desk.decide(asked, True).kind == "refused"
    assert bench.desk.trust.approved == 0


def test_not_again_for_this_deck_holds_for_the_deck_and_its_unknown_code_only(make: Make) -> None:
    bench = make()
    bench.desk.decide(bench.press("world", BOTH).approval, False, never=True)
    assert bench.press("world", BOTH).kind == "refused"
    assert bench.press("world", BOTH, deck="8").kind == "ask"
    bench.desk.decide(bench.desk._asked, False)
    assert bench.press("hello", BOTH).kind == "started"


def test_a_yes_mutes_nothing(make: Make) -> None:
    bench = make()
    bench.desk.decide(bench.press("world", BOTH).approval, True, never=True)
    assert bench.desk.trust.muted == 0


def test_only_the_reviewer_is_heard(make: Make) -> None:
    answer = make().press("hello", BOTH, reviewing=False)
    assert (answer.kind, answer.text) == ("refused", "")


def test_an_id_that_the_note_does_not_have(make: Make) -> None:
    assert make().press("forged", BOTH).text == "This note has no such cell."


def test_a_note_without_cells_a_broken_and_a_newer_one(make: Make) -> None:
    bench = make()
    assert bench.press("hello", "").text == "The code of this note cannot be read."
    assert bench.press("hello", "<b>x</b>").text == "The code of this note cannot be read."
    assert "update the add-on" in bench.press("hello", field(HELLO, version=2)).text
    assert bench.desk.state(bench.place("<b>x</b>")) == {}
    (said,) = bench.desk.state(bench.place(field(HELLO, version=2))).items()
    assert (said[0], said[1]["runnable"]) == ("*", False)
    assert "update the add-on" in said[1]["hint"]


def test_one_run_at_a_time_and_a_second_apart(make: Make) -> None:
    bench = make()
    slow = field(entry("slow", "import time\nprint('x', flush=True)\ntime.sleep(60)"), HELLO)
    assert bench.approve("slow", slow).kind == "started"
    assert bench.press("hello", slow).text == "Another cell is running; stop it first."
    bench.until(lambda: bench.page.get("slow"))
    bench.desk.stop()
    bench.finish()
    place = bench.place(BOTH)
    bench.now += 60
    assert bench.desk.press("hello", place).kind == "started"
    bench.finish()
    assert bench.desk.press("hello", place).text == "Too fast: wait a second."


def test_without_an_interpreter_nothing_is_asked(make: Make) -> None:
    bench = make(python="")
    answer = bench.press("world", BOTH)
    assert answer.kind == "lacking"
    assert "settings" in answer.text


def test_approvals_survive_an_update_and_belong_to_a_profile(make: Make, package: Path) -> None:
    first = make("/profiles/one")
    first.run("world", BOTH)
    (package / "known.txt").unlink()  # an update replaces everything but user_files
    again, other = make("/profiles/one"), make("/profiles/two")
    assert again.press("world", field(WORLD)).kind == "started"
    assert other.press("world", field(WORLD)).kind == "ask"
    names = [path.name for path in (package / "user_files").glob("approved-*.json")]
    assert len(names) == 1
    assert "one" not in names[0]


def test_the_question_says_whether_the_run_is_sandboxed(make: Make) -> None:
    boxed, off = make(sandbox="auto").press("world", BOTH), make(sandbox="off").press("world", BOTH)
    assert (boxed.approval.bare, off.approval.bare) == (False, True)
    assert boxed.approval.where.startswith("It will run in the sandbox")
    assert off.approval.where.startswith("It will run WITHOUT a sandbox (the settings say so)")
    gpu = make(sandbox="auto").press("world", field({**WORLD, "needs": ["cuda"]}))
    assert (gpu.approval.bare, "cannot be sandboxed" in gpu.approval.where) == (True, True)
    assert gpu.approval.code.startswith('# world\n# needs: ["cuda"]\n')


def test_what_was_approved_for_the_sandbox_is_asked_about_before_it_runs_without(make: Make) -> None:
    boxed = make(sandbox="auto")
    boxed.run("world", BOTH)
    assert boxed.press("world", BOTH).kind == "started"
    boxed.finish()
    off = make(sandbox="off")
    assert off.press("world", BOTH).kind == "ask"
    off.desk.decide(off.desk._asked, True)
    off.finish()
    assert make(sandbox="auto").press("world", BOTH).kind == "started", "what may run without may run with it"
    assert make(sandbox="auto").desk.trust.approved == 1


def test_kernels_approved_for_the_sandbox_are_asked_about_before_they_run_on_a_gpu(make: Make, package: Path) -> None:
    kernel, gpu = entry("kernel", "// x", language="cuda"), entry("gpu", "x = 1", needs=["cuda"])
    (package / "known.txt").write_text(digest(gpu))
    bench = make(sandbox="auto")
    bench.desk.trust.approve([digest(kernel)], bare=False)
    answer = bench.press("gpu", field(kernel, gpu))
    assert [cell.id for cell in answer.approval.unknown] == ["kernel"]


def test_forgetting_takes_everything_back(make: Make) -> None:
    bench = make()
    bench.run("world", BOTH)
    bench.desk.trust.mute("9")
    bench.desk.trust.forget()
    assert (bench.desk.trust.approved, bench.desk.trust.muted) == (0, 0)
    assert make().press("world", BOTH).kind == "ask"


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", '{"version": 1, "bare": "DIGEST"}', '{"version": 2, "bare": ["DIGEST"]}',
     '{"version": 1, "bare": [["DIGEST"], 1, "DIGEST "]}', "[" * 100_000, "\udcff"],
    ids=range(8),
)  # fmt: skip
def test_a_damaged_file_approves_nothing_and_harms_nothing(make: Make, package: Path, damage: str) -> None:
    bench = make()
    bench.run("world", BOTH)
    (file,) = (package / "user_files").glob("approved-*.json")
    text = damage.replace("DIGEST", digest(WORLD))
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    fresh = make()
    answer = fresh.press("world", BOTH)
    assert answer.kind == "ask"
    assert fresh.desk.decide(answer.approval, True).kind == "started"
    assert json.loads(file.read_text("utf-8"))["bare"] == [digest(WORLD)]


def test_a_huge_file_is_not_read(make: Make, package: Path) -> None:
    make().run("world", BOTH)
    (file,) = (package / "user_files").glob("approved-*.json")
    file.write_text(json.dumps({"version": 1, "bare": [digest(WORLD)], "pad": " " * (5 << 20)}))
    assert make().press("world", BOTH).kind == "ask"


def test_a_missing_or_truncated_list_knows_less_and_never_more(make: Make, package: Path) -> None:
    (package / "known.txt").write_text(digest(HELLO)[:-1])
    assert make().press("hello", BOTH).kind == "ask"
    (package / "known.txt").unlink()
    assert make().press("hello", BOTH).kind == "ask"


def test_approvals_are_written_as_a_whole(make: Make, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make()
    bench.run("world", BOTH)
    (file,) = (package / "user_files").glob("approved-*.json")
    before = file.read_bytes()

    def torn(source: str, target: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", torn)
    bench.desk.trust.mute("9")
    assert bench.desk.trust.is_muted("9")  # until Anki ends
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir() if path.suffix == ".tmp"] == []


def test_removing_the_add_on_removes_all_that_it_has_written(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, home, scratch = (tmp_path / name for name in ("package", "home", "scratch"))
    for folder in (package, home, scratch):
        folder.mkdir()
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(scratch if name == "TMPDIR" else home))
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    for sandbox in ("auto", "off"):
        bench = Bench(core, package, sandbox=sandbox)
        bench.run("world", BOTH)
        assert list(scratch.iterdir()), "an interpreter has its folder here as long as it runs"
        bench.desk.close()
    assert [*home.iterdir(), *scratch.iterdir()] == []
    assert [path.name for path in package.iterdir()] == ["user_files"]
