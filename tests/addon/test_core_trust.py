"""Every rule of trust: what runs on a click, what is asked about, what is refused, and what is remembered of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cells_text import BOTH, HELLO, WORLD, entry, field
from desks import BARE, Bench
from staged import Core

from build_deck.cells.identity import digest

Make = Callable[..., Bench]


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


OTHER = ({"source": "print('hello')\n"}, {"source": "print('hellо')"}, {"env": "hf"}, {"language": "bash"},
         {"needs": ["cuda"]}, {"inputs": ["a.py"]}, {"result": 1})  # fmt: skip


@pytest.mark.parametrize("changes", OTHER, ids=lambda changes: next(iter(changes)))
def test_one_changed_character_makes_code_unknown(make: Make, changes: dict[str, object]) -> None:
    assert make().press("hello", field({**HELLO, **changes})).kind == "ask"


def test_code_that_runs_before_is_asked_about_too(make: Make) -> None:
    bench = make()
    sneaky = field(entry("first", "import os"), HELLO)
    answer = bench.press("hello", sneaky)
    assert [cell.id for cell in answer.approval.unknown] == ["first"]


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
        bench.desk._runner._thread.join(30)
    assert [*home.iterdir(), *scratch.iterdir()] == []
    assert [path.name for path in package.iterdir()] == ["user_files"]


def test_a_package_that_was_deleted_does_not_come_back(core: Core, package: Path) -> None:
    trust = core.trust.Trust(package, "/profiles/one")
    trust.mute("7")
    assert (package / "user_files").is_dir()
    shutil.rmtree(package)
    trust.approve(["0" * 64], bare=False)
    assert core.pythons.probe(BARE, package / "user_files").version
    assert not package.exists()
    assert trust.knows("0" * 64, bare=False), "until Anki ends"
