"""Requests and answers that nothing is left for, in the real Anki window of today and the oldest supported."""

from __future__ import annotations

import pytest

from tests.addon.installed_anki import Scene

pytestmark = [pytest.mark.anki, pytest.mark.cells, pytest.mark.timeout(600)]


def test_a_note_that_was_deleted_runs_nothing_and_the_next_one_does(scene: Scene) -> None:
    seen = scene("gone")["deleted_note"]
    assert (seen["during"], seen["jobs"], seen["after"]) == (0, 1, "one 0.5\n")


def test_a_fault_of_the_add_on_takes_nothing_from_the_next_card(scene: Scene) -> None:
    seen = scene("gone")["broken_handler"]
    assert seen["faults"] >= 3, "both sides of the card and a message: each was told of"
    assert (seen["jobs"], seen["after"]) == (1, "one 0.5\n")


def test_a_question_ends_with_its_card(scene: Scene) -> None:
    seen = scene("gone")["next_card"]
    assert (seen["asked"], seen["open"], seen["approved"], seen["jobs"]) == (1, 0, 0, 0)


def test_a_question_ends_when_a_sync_begins(scene: Scene) -> None:
    seen = scene("gone")["sync"]
    assert (seen["asked"], seen["open"], seen["jobs"]) == (1, 0, 0)
    assert seen["again"].startswith("# unknown\n")


def test_what_the_note_no_longer_holds_is_neither_run_nor_approved(scene: Scene) -> None:
    seen = scene("gone")["rewritten"]
    assert (seen["approved"], seen["running"], seen["jobs"]) == (0, False, 0)


def test_a_request_while_the_profile_closes_is_refused(scene: Scene) -> None:
    seen = scene("gone")["closing"]
    assert (seen["told"], seen["count"]) == ([[True, None]], 8), "swallowed, and not answered"
    assert (seen["dialogs"], seen["jobs"]) == (0, 0)
