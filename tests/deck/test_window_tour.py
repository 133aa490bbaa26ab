"""Six cards, one of every look, in the real Anki window with Anki's own MathJax: two widths, by day and by night."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_deck.render import faces
from tests.browser import gallery
from tests.deck.anki_window import drive
from tests.deck.sample import WorkingCopy

pytestmark = pytest.mark.anki

WIDTHS = (400, 1280)


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_six_cards_in_the_real_reviewer(tmp_path: Path, night: bool) -> None:
    made = gallery.cards(tmp_path / "gallery")
    notes = tuple(note for _, written in made for note in written)
    shown = {name for note in notes for name in note.media}
    media = {each.name: each for inputs, _ in made for each in gallery.media(inputs) if each.name in shown}
    copy = WorkingCopy(root=tmp_path, media=tuple(media.values()), faces=faces())
    names = [note.id for note in notes]
    options = ("--names", ",".join(names), *(["--night"] if night else []), "--out", tmp_path / "shots")
    seen = drive("tests.deck.window_tour", tmp_path / "shots", copy.build(*notes), *options, deadline=280)
    assert seen["errors"] == []
    assert seen["strangers"] == []
    assert seen["requests"] > len(names)
    looks = [f"{name}-{side}-{width}" for name in names for side in ("front", "back") for width in WIDTHS]
    assert list(seen["sides"]) == looks
    assert len(names) == 6
    for look, side in seen["sides"].items():
        visible = [image for image in side["images"] if image["shown"]]
        faults = {
            "examined": side["faults"], "faint": side["faint"], "wrong time": side["night"] is not night,
            "not loaded": [image for image in visible if not image["width"]],
            "wrong ink": [image["src"] for image in visible if ("-dark" in image["src"]) is not night],
        }  # fmt: skip
        assert not any(faults.values()), (look, faults)
    for width in WIDTHS:
        assert seen["sides"][f"attn-scale-sqrt-dk-back-{width}"]["maths"] > 20
        assert any(image["shown"] for image in seen["sides"][f"flow-back-{width}"]["images"])
