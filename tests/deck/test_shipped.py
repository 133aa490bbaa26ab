"""The deck that ships: built as in a fresh clone, from committed records alone, and looked at in the real Anki."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_deck.ids import DECK_ROOT
from tests.deck.anki_collection import Arrival, bring, faults, opened, texts
from tests.deck.conftest import Checkout

pytestmark = pytest.mark.anki


@pytest.fixture(scope="module")
def clone(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """What git would hold; no environment, so a stale cell fails the build."""
    return Checkout(project).clone(tmp_path_factory.mktemp("shipped") / "clone")


def test_every_card_of_the_deck_is_sound_in_the_real_anki(clone: Checkout, tmp_path: Path) -> None:
    package = clone.build()
    arrived = bring(tmp_path, package)
    assert arrived.new >= 9
    assert arrived == Arrival(new=arrived.new)
    assert bring(tmp_path, package) == Arrival(duplicate=arrived.new)
    with opened(tmp_path) as collection:
        assert faults(collection) == []
        questions = texts(collection, "Question")
        assert len(questions) == arrived.new == len(collection.find_cards(f'deck:"{DECK_ROOT}"'))


def test_a_second_build_of_the_deck_leaves_the_package_alone(clone: Checkout) -> None:
    package = clone.build()
    before = package.stat()
    assert clone.build() == package
    assert (package.stat().st_ino, package.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
