"""The dialogs in the real Anki window, of today and the oldest supported: settings, and making an environment."""

from __future__ import annotations

import platform

import pytest

from tests.addon.installed_anki import PLAIN, Scene

pytestmark = [pytest.mark.anki, pytest.mark.cells, pytest.mark.timeout(600)]

REMARK = 5
"""Column in which a row says why it cannot be chosen."""


def test_the_settings_list_interpreters_and_ask_before_making_one(scene: Scene) -> None:
    seen = scene("life")
    lacking, settings = seen["nothing chosen"], seen["settings"]
    assert (lacking["state"], lacking["tone"]) == ("idle", "half")
    assert "/proofdeck/python\n" in lacking["question"]
    assert (lacking["can"], lacking["made"]) == (True, False)
    assert (seen["chosen"]["note"], seen["chosen"]["button"][0]) == ("", "▶"), "without a flip of the card"
    chosen = next(row for row in settings["rows"] if row[6] == settings["chosen"])
    assert chosen == settings["rows"][1], "the configured one stands first"
    assert chosen[0] == platform.python_version()
    assert settings["config"]["time_limit"] == 33
    assert seen["json"]["leads on"] == [True, False]


def test_an_interpreter_that_is_gone_leads_to_the_settings_and_stays_chosen(scene: Scene) -> None:
    seen = scene("settings")["gone"]
    assert seen["button"] in ("设置…", "Settings…")
    assert "/gone/bin/python3" in seen["note"]
    row = seen["rows"][1]
    assert (row[REMARK], row[6]) in [(said, "/gone/bin/python3") for said in ("没有应答", "does not answer")]
    assert (seen["stored"], seen["back"]) == ("/gone/bin/python3", True)


def test_only_a_choice_changes_what_is_chosen(scene: Scene) -> None:
    seen = scene("settings")
    assert seen["slow"]["seen"], "the list had the focus"
    assert seen["slow"]["stored"] == seen["slow"]["late"], "though it had not answered yet"
    assert seen["again"]["stored"] == seen["again"]["before"] == str(PLAIN)
    assert seen["by_keys"]["stored"] == "", "none is a choice, too"


def test_one_that_is_unfit_is_not_taken_and_says_why(scene: Scene) -> None:
    seen = scene("settings")["unfit"]
    anki, none = seen["seen"]["said"]
    assert anki.endswith(("Anki 自己的，从不使用", "Anki's own: never used"))
    assert "/bin/sh" in none
    assert seen["seen"]["row"][REMARK] in ("Anki 自己的，从不使用", "Anki's own: never used")
    assert seen["stored"] == str(PLAIN)


def test_the_sandbox_is_promised_as_it_will_be(scene: Scene) -> None:
    auto, always, off = scene("settings")["promises"]["seen"]
    assert len({auto, always, off}) == 3
    assert ("GPU" in auto or "显卡" in auto) and ("GPU" in always or "显卡" in always)
    assert off.startswith(("No sandbox", "没有沙箱"))


def test_the_language_can_be_chosen(scene: Scene) -> None:
    said = scene("settings")["language"]["said"]
    assert [button for _, button in said][:2] == ["▶ Run", "▶ 运行"]
    assert [make for make, _ in said][1:] != [said[1][0]] * 2, "the dialog speaks the language that was stored"


def test_making_shows_its_commands_and_says_what_failed_in_the_learners_language(scene: Scene) -> None:
    seen = scene("making")["failing"]["seen"]
    commands = seen["commands"].splitlines()
    assert [words in line for words, line in zip(("venv", "torch numpy matplotlib", "import"), commands, strict=True)]
    assert seen["copied"]
    assert "no such thing" in seen["log"]
    english = "Make" in seen["question"] or "makes" in seen["question"]
    assert ("failed." in seen["failure"]) == english
    assert ("失败了" in seen["failure"]) == (not english)
    assert seen["can"], "it can be tried again"


def test_what_the_learner_has_made_is_left_alone_and_what_is_deleted_is_said(scene: Scene) -> None:
    seen = scene("making")["theirs"]["seen"]
    assert "left alone" in seen["said"] or "不会动它" in seen["said"]
    assert seen["there"]
    assert "deleted first" in seen["more"] or "先删掉" in seen["more"]


def test_making_is_seen_to_go_on_and_cancelled_without_a_trace(scene: Scene) -> None:
    seen = scene("making")["cancelled"]["seen"]
    assert seen["stage"].startswith("1/3 · ")
    assert (seen["there"], seen["left"]) == (True, False)


def test_nothing_arrives_for_a_dialog_that_has_closed(scene: Scene) -> None:
    assert scene("making")["closed"]["left"] == 0  # and no exception: `scene` sees to that


def test_what_was_made_lies_outside_the_add_on_and_is_found_and_deleted(scene: Scene) -> None:
    seen = scene("making")
    assert seen["made"] == {"seen": {"package": False}, "stored": str(PLAIN)}
    (row,) = seen["found"]["seen"]["rows"]
    assert row[REMARK] in ("ProofDeck 新建的", "made by ProofDeck")
    assert seen["found"]["seen"]["said"].split("/python")[-1].startswith((" 里已经有", " already"))
    assert seen["deleted"]["seen"] == {"offered": True}
