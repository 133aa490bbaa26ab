"""Decks that trick, and lists that were damaged, in the real Anki window of today and the oldest supported."""

from __future__ import annotations

import pytest

from tests.addon.installed_anki import Scene

pytestmark = [pytest.mark.anki, pytest.mark.cells, pytest.mark.timeout(600)]


def test_a_replayed_request_runs_nothing(scene: Scene) -> None:
    seen = scene("tricks")
    during, after = seen["replay"], seen["replay_at_once"]
    assert min(during["heard"], after["heard"]) > 100
    assert (during["jobs"], during["printed"]) == (1, "".join(f"tick {n}\n" for n in range(8)))
    assert (after["jobs"], after["printed"]) == (1, "one 0.5\n")


def test_no_dialog_opens_within_the_call_of_a_page(scene: Scene) -> None:
    assert scene("tricks")["inside"] == 0, "the page would wait for it"


def test_a_page_cannot_answer_the_question(scene: Scene) -> None:
    seen = scene("tricks")["answer"]
    assert seen["during"] == [1, True], "one question, and it stays"
    assert (seen["after"], seen["questions"], seen["jobs"]) == (0, 1, 0)
    assert (seen["state"], seen["printed"]) == ("idle", "")


def test_what_was_refused_is_not_asked_again_at_once(scene: Scene) -> None:
    seen = scene("tricks")["nag"]
    assert seen["heard"] > 100
    assert (seen["asked"], seen["questions"]) == (1, 2), "again only after the pause"
    assert (seen["jobs"], seen["state"]) == (0, "idle")


def test_a_page_opens_the_settings_only_where_they_help_and_once(scene: Scene) -> None:
    seen = scene("tricks")["settings"]
    assert (seen["needless"], seen["most"]) == (0, 1)


def test_code_before_a_known_cell_is_asked_about(scene: Scene) -> None:
    seen = scene("tricks")["before"]
    assert seen["shown"] == "# hidden\nprint('hidden')"
    assert (seen["questions"], seen["jobs"], seen["state"]) == (1, 0, "idle")


def test_other_data_under_known_code_is_asked_about_and_shown(scene: Scene) -> None:
    seen = scene("tricks")
    data, elsewhere = seen["data"], seen["elsewhere"]
    assert (data["questions"], data["jobs"], data["state"]) == (7, 0, "idle")
    code = 'print("one", 0.5)\n'
    assert data["shown"] == {
        "inputs": f'# agrees\n# inputs: ["sample.py"]\n{code}',
        "result": f"# agrees\n# result: 1\n{code}",
        "env": f"# agrees\n{code}",
        "ready": f'# agrees\n# ready: "http://127.0.0.1:1/"\n{code}',
        "role": f"# agrees\n{code}",
        "language": f"# agrees\n# bash\n{code}",
        "needs": f'# agrees\n# needs: ["cuda"]\n{code}',
    }
    assert data["bare"] == ["needs"], "the question says that this one would run without a sandbox"
    assert elsewhere["shown"] == '# gpu\n# needs: ["cuda"]\n# result: "whatever"\nprint("gpu")\n'
    assert (elsewhere["questions"], elsewhere["jobs"], elsewhere["state"]) == (1, 0, "idle")


def test_a_file_that_is_missing_is_looked_for_nowhere_else(scene: Scene) -> None:
    seen = scene("tricks")["files"]
    assert (seen["questions"], seen["jobs"], seen["printed"]) == (1, 0, "")
    assert says_newer(seen["note"])


def test_a_deck_that_is_newer_is_said_to_be(scene: Scene) -> None:
    seen = scene("tricks")["newer"]
    assert (seen["questions"], seen["jobs"], seen["enabled"]) == (0, 0, False)
    assert says_newer(seen["note"])


def says_newer(note: str) -> bool:
    return "update the add-on" in note or "请更新插件" in note


def test_nothing_runs_without_end(scene: Scene) -> None:
    seen = scene("tricks")
    endless, limit = seen["endless"], seen["limit"]
    assert (endless["seconds"], endless["stopped"]["state"]) == (600, "done")
    assert (limit["seconds"], limit["state"], limit["tone"]) == (5, "done", "bad")
    assert endless["stopped"]["printed"] == limit["printed"] == "begun\n"


def test_no_process_outlives_its_cell(scene: Scene) -> None:
    seen = scene("tricks")["leave"]
    ends = [seen[f"{end} {sandbox}"] for end in ("ended", "stopped") for sandbox in ("auto", "off")]
    assert [each["printed"] for each in ends] == ["begun\n"] * 4
    assert [each["left"] for each in ends] == [0] * 4


def test_a_list_that_is_cut_or_gone_makes_known_code_unknown(scene: Scene) -> None:
    seen = scene("damage")
    assert [seen[name]["agrees"] for name in ("sound", "cut", "gone")] == ["one 0.5\n", "asked", "asked"]


def test_approvals_that_are_cut_or_huge_are_asked_for_again(scene: Scene) -> None:
    seen = scene("damage")
    assert [seen[name]["unknown"] for name in ("sound", "cut", "gone")] == ["from elsewhere\n", "asked", "asked"]


def test_an_older_or_altered_package_knows_no_more_and_keeps_what_was_approved(scene: Scene) -> None:
    seen = scene("damage")["replaced"]
    assert (seen["faults"], seen["name"]) == ([], "older")
    assert seen["retired"], "what was loaded before does nothing any more"
    assert (seen["agrees"], seen["unknown"]) == ("asked", "from elsewhere\n")
