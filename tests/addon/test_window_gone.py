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
