"""Six cards, one of every look, in the real Anki window with Anki's own MathJax, by day and by night."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_deck.render import faces
from tests.browser import gallery
from tests.deck.anki_window import review
from tests.deck.sample import WorkingCopy

pytestmark = pytest.mark.anki


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_six_cards_in_the_real_reviewer(tmp_path: Path, night: bool) -> None:
    made = gallery.cards(tmp_path / "gallery")
    notes = tuple(note for _, written in made for note in written)
    shown = {name for note in notes for name in note.media}
    media = {each.name: each for inputs, _ in made for each in gallery.media(inputs) if each.name in shown}
    copy = WorkingCopy(root=tmp_path, media=tuple(media.values()), faces=faces())
    names = [note.id for note in notes]
    options = ("--names", ",".join(names), *(["--night"] if night else []))
    seen = review(copy.build(*notes), tmp_path / "shots", *options, program="window_tour", deadline=280)
    assert seen.errors == ()
    assert list(seen.sides) == [f"{name}-{side}" for name in names for side in ("front", "back")]
    assert len(names) == 6
    for name, side in seen.sides.items():
        shown_images = [image for image in side["images"] if image["shown"]]
        faults = {
            "bad maths": side["bad_maths"], "raw maths": side["raw_maths"], "too wide": side["too_wide"] > 0,
            "not loaded": [image for image in shown_images if not image["width"]], "faint": side["faint"],
            "wrong ink": [image["src"] for image in shown_images if ("-dark" in image["src"]) is not night],
            "wrong time": side["night"] is not night,
        }  # fmt: skip
        assert not any(faults.values()), (name, side["screen"], faults)
    assert seen.sides["attn-scale-sqrt-dk-back"]["maths"] > 20
