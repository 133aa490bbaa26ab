"""From answer files to a learner's collection: every stage and the real Anki."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from build_deck.ids import DECK_ROOT, NOTE_TYPES, TAG_ROOT
from build_deck.model.note import NoteType
from tests.deck.anki_collection import Arrival, bring, faults, opened, progress, study, texts
from tests.deck.anki_window import review
from tests.deck.conftest import Checkout

pytestmark = [pytest.mark.anki, pytest.mark.cells]

NAMES = {"attn-scale", "attn-scale-why", "mha-kata", "kv-cache", "flow"}


@pytest.fixture
def copy(built: Checkout, tmp_path: Path) -> Checkout:
    return built.clone(tmp_path / "copy")


@pytest.fixture
def learner(tmp_path: Path) -> Path:
    return tmp_path / "learner"


def test_a_built_deck_arrives_whole(built: Checkout, learner: Path) -> None:
    assert bring(learner, built.build()) == Arrival(new=5)
    assert bring(learner, built.build()) == Arrival(duplicate=5)
    with opened(learner) as collection:
        assert faults(collection) == []
        assert set(texts(collection, "Question")) == NAMES
        kinds = {
            note["Id"]: note.note_type()["name"]  # type: ignore[index]
            for note in map(
                collection.get_note, collection.find_notes(f"deck:'{DECK_ROOT}' tag:{TAG_ROOT}::*".replace("'", '"'))
            )
        }
        assert kinds["mha-kata"] == NOTE_TYPES[NoteType.KATA][1]
        assert kinds["attn-scale-why"] == NOTE_TYPES[NoteType.FOLLOW_UP][1]
        assert kinds["flow"] == NOTE_TYPES[NoteType.QUESTION][1]


def test_what_the_cells_printed_is_on_the_card(built: Checkout, learner: Path) -> None:
    bring(learner, built.build())
    with opened(learner) as collection:
        (card_id,) = collection.find_cards("Id:kv-cache")
        answer = collection.get_card(card_id).answer()
    assert "4096 字节，a &lt; b，&#123;&#123;x}}" in answer
    assert "&lt;kv&gt;" in answer


def test_an_edit_updates_its_card_and_no_other_each_time(copy: Checkout, learner: Path) -> None:
    bring(learner, copy.build())
    with opened(learner) as collection:
        before = {name: progress(collection, name) for name in NAMES}
        before["kv-cache"] = study(collection, "kv-cache")
    old = "K、V 都存。"
    for new in ("两份都存。", "K 和 V 都要存。", old):
        copy.replace(old, new)
        assert bring(learner, copy.build()) == Arrival(updated=1, duplicate=4), new
        with opened(learner) as collection:
            assert new in texts(collection, "Pitfalls")["kv-cache"]
            assert {name: progress(collection, name) for name in NAMES} == before
            assert faults(collection) == []
        old = new


def test_a_follow_up_that_shows_its_parent_is_updated_with_it(copy: Checkout, learner: Path) -> None:
    bring(learner, copy.build())
    copy.replace("就回到 1；", "就回到一；")
    assert bring(learner, copy.build()) == Arrival(updated=2, duplicate=3)
    with opened(learner) as collection:
        assert "就回到一" in texts(collection, "Context")["attn-scale-why"]


def test_moving_lines_about_updates_nothing(copy: Checkout, learner: Path) -> None:
    bring(learner, copy.build())
    copy.replace("# 缓存\n", "# 缓存\n\n\n\n")
    assert bring(learner, copy.build()) == Arrival(duplicate=5)


CLOCK = """
import sys, time
real, shift = time.time, float(sys.argv.pop(1))
time.time = lambda: real() + shift
from build_deck.cli import main
main()
"""


def test_two_fresh_clones_build_the_same_bytes(built: Checkout, tmp_path: Path) -> None:
    digests = set()
    for number, (shift, surroundings) in enumerate(
        [
            ("0", {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C"}),
            ("90000000.5", {"PYTHONHASHSEED": "4242", "TZ": "America/Lima", "LC_ALL": "C.UTF-8"}),
        ]
    ):
        clone = built.clone(tmp_path / f"另一处 {number}")
        run = clone.run("-c", CLOCK, shift, "build", **surroundings)
        assert run.returncode == 0, run.stdout + run.stderr
        (package,) = (clone.root / "dist").glob("*.apkg")
        digests.add(hashlib.sha256(package.read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize(("name", "options"), [("attn-scale", ()), ("attn-scale", ("--night", "--width", "400"))])
def test_a_card_in_the_real_window(built: Checkout, tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    seen = review(built.build(), tmp_path, "--find", f"Id:{name}", *options)
    assert seen.errors == ()
    opened_up = seen.sides["opened"]
    assert seen.sides["question"]["maths"] == 1
    assert opened_up["maths"] >= 6
    assert all(image["width"] > 0 for image in opened_up["images"])
    assert sum(image["shown"] for image in opened_up["images"]) == 1, "one ink of the figure, by night mode"
    for side in seen.sides.values():
        assert not side["bad_maths"]
        assert not side["raw_maths"]
        assert side["too_wide"] <= 0
        assert side["night"] == ("--night" in options)
    for shot in seen.shots.values():
        assert shot.stat().st_size > 5000
