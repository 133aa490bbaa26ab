"""The add-on in the real Anki window, of today and the oldest supported: installed, pressed, attacked, deleted."""

from __future__ import annotations

import statistics

import pytest

from tests.addon.installed_anki import Scene

pytestmark = [pytest.mark.anki, pytest.mark.cells, pytest.mark.timeout(600)]

FIRST, OWN = 250, 100
"""Milliseconds from the click to the first character, and of processor time that a call into the add-on may take: the
window waits for that, and for nothing else of ours."""
AWAY = 3000
"""Milliseconds that the window may be away on a machine that does more; naive ways to show a flood took ten seconds."""

HOUSE_WIDTH = round(3.6 * 96)
"""CSS pixels of a figure that the house style drew: 3.6 inches, that of a phone; matplotlib's own would be 614."""


def test_a_cell_runs_shows_its_figure_and_agrees_with_the_record(scene: Scene) -> None:
    seen = scene("runs")
    assert seen["first"]["loading"]["button"][0] == "■"
    assert seen["first"]["done"]["printed"] == seen["agrees"]["printed"] == "one 0.5\n"
    assert seen["first"]["done"]["tone"] == "good"
    assert seen["agrees"]["target"] >= 40
    figure = {"scheme": "data:image/svg+xml;", "width": HOUSE_WIDTH}
    assert (seen["draws"]["printed"], seen["draws"]["tone"]) == ("sum 2.5\n", "good")
    assert seen["draws"]["day"] == [{**figure, "name": "light"}]
    assert seen["draws"]["night"] == [{**figure, "name": "dark"}]
    assert seen["draws"]["inks"] == [["light", False, True, False], ["dark", False, False, True]]
    assert seen["kata"]["tone"] == "good"
    assert "1/1" in seen["kata"]["note"]
    assert seen["narrow"]["too_wide"] == 0
    assert seen["changed"] == [], "a run wrote into the collection"


def test_what_differs_fails_or_takes_too_long_is_said(scene: Scene) -> None:
    seen = scene("runs")
    assert seen["differs"]["tone"] == "bad"
    assert seen["differs"]["diff"].splitlines()[1:] == ["  one", "- 2", "+ 3"]
    assert "AssertionError: not equal" in seen["fails"]["printed"]
    assert (seen["overtime"]["printed"], seen["overtime"]["tone"]) == ("begun\n", "bad")
    assert "GPU" in seen["gpu"]["note"] or "NVIDIA" in seen["gpu"]["note"]
    assert seen["gpu"]["printed"] == ""


def test_output_is_live_and_survives_the_flip(scene: Scene) -> None:
    seen = scene("runs")
    ticks = "".join(f"tick {n}\n" for n in range(8))
    assert "tick 1\n" in seen["slow"]["live"]
    assert seen["slow"]["live"] != ticks
    assert seen["slow"]["printed"] == seen["flip"]["midway"]["printed"] == ticks
    assert seen["flip"]["before"] == seen["flip"]["after"]
    assert seen["endless"]["running"]["button"][0] == "■"
    assert (seen["endless"]["printed"], seen["endless"]["button"][0]) == ("begun\n", "▶")
    assert seen["keyboard"]["printed"] == "one 0.5\n"


def test_the_first_character_comes_at_once(scene: Scene) -> None:
    waits = scene("runs")["agrees"]["waits"]
    print(f"first character after the click: {waits} ms")
    assert len(waits) == 9
    assert statistics.median(waits) <= FIRST


def test_the_window_lives_through_floods_and_figures(scene: Scene) -> None:
    seen = scene("runs")
    heavy = seen.pop("heavy")
    steps = {**{name: seen[name] for name in ("first", "endless", "drip", "flood", "gigabyte")},
             "figures": heavy["run"], "flip": heavy["flip"]}  # fmt: skip
    print("longest gaps, and processor time of our own in one call, in ms:",
          {name: (step["gap"], step["own"], step["of"]) for name, step in steps.items()})  # fmt: skip
    assert all(step["gap"] < AWAY and step["own"] < OWN and step["calls"] for step in steps.values())
    assert seen["drip"]["size"] in (20_000, 20_002), "as it came, or one stream after the other"
    assert seen["drip"]["tone"] == "good"
    for name in ("flood", "gigabyte"):
        assert 60_000 < seen[name]["size"] < 70_000
        assert seen[name]["tone"] == "bad"


def test_what_takes_long_is_seen_to_go_on(scene: Scene) -> None:
    loading = scene("runs")["first"]["loading"]
    assert loading["clock"].split()[0].isdigit()
    assert "torch" in loading["note"]


def test_each_box_and_button_says_what_it_is(scene: Scene) -> None:
    seen = scene("runs")
    agrees = seen["agrees"]
    assert agrees["labels"] in (["记录", "这次"], ["recorded", "this run"])
    assert agrees["named"] in ("再运行 · agrees", "Run again · agrees")
    assert agrees["title"] == "Ctrl+Enter"
    assert agrees["tones"][0] == "good"
    assert set(agrees["tones"][1:]) == {""}, "only the verdict is coloured"
    assert seen["draws"]["folded"], "the card shows the figure already"
    assert (seen["first"]["loading"]["labels"], seen["fails"]["folded"]) == ([], False)


def test_output_never_becomes_markup(scene: Scene) -> None:
    seen = scene("runs")["markup"]
    assert (seen["foreign"], seen["pwned"]) == (0, None)
    assert seen["printed"].startswith("<script>window.pwned = 1</script><img src=x")
    assert "\x1b" not in seen["printed"]


def test_no_page_but_the_reviewer_starts_anything(scene: Scene) -> None:
    seen = scene("hostile")
    assert seen["iframe"] == {"dialogs": 0, "state": "idle", "printed": ""}
    assert seen["editor"] == {"dialogs": 0, "cell": "idle"}
    assert seen["previewer"] == {"dialogs": 0, "cell": "idle", "controls": 0}
    moments = scene("moments")
    assert moments["deck_list"] == moments["overview"] == {"jobs": 0, "questions": 0, "dialogs": 0}


def test_nothing_starts_during_a_sync(scene: Scene) -> None:
    seen = scene("moments")
    told, real = seen["told_of_a_sync"], seen["sync"]
    assert (told["during"], told["after"]) == (0, "one 0.5\n")
    assert seen["broken_off"]["after"] == "one 0.5\n", "one that was never said to end holds for its profile"
    assert real["ended"]
    assert real["seconds"] > 1.5, "it took long enough to be asked in"
    assert real["unsent"][0] > real["unsent"][1] == 0, "and was a real one"
    assert (real["during"], real["after"]) == (0, "one 0.5\n")
    assert real["stopped"], "what ran is ended"


def test_nothing_starts_while_anki_works_on_the_collection(scene: Scene) -> None:
    seen = scene("moments")["operation"]
    assert (seen["during"], seen["still"], seen["after"]) == (0, True, "one 0.5\n")


def test_a_thousand_looks_at_a_large_card_are_answered_a_few_times(scene: Scene) -> None:
    seen = scene("moments")["pester"]
    print(f"a flood of requests for the state of a large card: {seen}")
    assert seen["said"] == 2000
    assert 1 <= seen["answered"] <= 2 + seen["seconds"], "one a second"
    assert seen["own"] < OWN
    assert seen["gap"] < AWAY
    assert (seen["jobs"], seen["questions"]) == (0, 0)


def test_the_largest_question_is_asked_at_once_and_shown_whole(scene: Scene) -> None:
    asked = scene("moments")["largest"]["asked"]
    print(f"questions about the largest cards: {asked}")
    assert [each["whole"] and not each["early"] for each in asked.values()] == [True] * 4
    assert all(each["work"] < OWN for each in asked.values())
    assert (asked["hidden"]["size"], asked["nothing"]["rows"]) > (1_500_000, 100_000), "it was a large one"


def test_the_next_card_ends_what_runs(scene: Scene) -> None:
    seen = scene("moments")["next_card"]
    assert seen["foreign"], "the second one is none of ours"
    assert min(seen["fewer"]) > 0


def test_a_thousand_requests_are_one_question_and_no_run(scene: Scene) -> None:
    seen = scene("hostile")
    spam = seen["spam"]
    assert (spam["dialogs"], spam["later"], spam["replies"]) == (1, 0, 0)
    assert (spam["state"], spam["printed"]) == ("idle", "")
    assert spam["gap"] < AWAY
    assert spam["own"] < OWN
    assert (seen["never"]["dialogs"], seen["never"]["state"], seen["never"]["printed"]) == (0, "idle", "")


def test_no_broken_field_starts_or_asks_anything(scene: Scene) -> None:
    seen = scene("hostile")["fields"]
    assert seen["tried"] > 30
    assert seen["seen"] == [[0, 0]], "dialogs and processes"
    assert (seen["asked"], seen["state"], seen["printed"]) == ("# a\nprint(1)", "idle", "")


def test_unknown_code_runs_only_after_it_was_shown_and_approved(scene: Scene) -> None:
    seen = scene("hostile")
    assert seen["edited"] == {"shown": '# agrees\nprint("one", 0.5)\n ', "state": "idle", "printed": ""}
    asked = seen["unknown"]
    assert (asked["default"], asked["focus"]) == (True, True)
    assert asked["refused"] == [[False, "idle"]] * 2 + [[True, "idle"]] * 2, "Return and Space mean Cancel, then too"
    assert asked["code"] == '# unknown\nprint("from elsewhere")\n'
    assert asked["printed"] == asked["again"] == "from elsewhere\n"
    assert asked["asked again"] == 0


def test_the_question_hides_nothing(scene: Scene) -> None:
    seen = scene("hostile")["hidden"]
    assert seen["code"].startswith("# hidden\nx = '⟦U+202E⟧⟦U+2066⟧'")
    assert seen["code"].endswith("\n⟦U+3164⟧ = print\n⟦U+3164⟧('a name of blanks')\n")
    assert (seen["state"], seen["printed"]) == ("idle", "")


def test_nothing_is_left_when_anki_is_closed(scene: Scene) -> None:
    seen = scene("quit")
    assert min(seen["running"].values()) > 0
    assert (seen["left"], seen["exit"]) == ({"processes": 0, "threads": 0, "files": 0}, [0])


def test_runs_end_with_the_profile_and_nothing_is_left(scene: Scene) -> None:
    seen = scene("life")
    assert seen["running"] >= 2
    assert (seen["closed"], seen["again"], seen["left"]) == (0, "done", 0)
    before, during = seen["doors"]
    assert len(before) == 1, "Anki's own media server"
    assert during == before


def test_the_add_on_ends_when_it_is_deleted_and_leaves_nothing(scene: Scene) -> None:
    seen = scene("life")
    deleted, after = seen["deleted"], seen["after"]
    assert deleted.pop("busy") >= 2
    assert deleted == {"addons": [], "there": False, "processes": 0, "dialogs": 0, "menu": False, "changed": []}
    assert after == {"controls": {}, "there": False, "closed": 0}, "nor in the next profile"
