"""One card in the real Anki window: drawn without script errors, its images loaded, its maths typeset."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deck.anki_window import review
from tests.deck.sample import WorkingCopy, note, png

pytestmark = pytest.mark.anki


def test_a_card_of_a_sample_deck_is_shown_in_the_real_reviewer(tmp_path: Path) -> None:
    image = png(120)
    shown = note(
        "kv-cache",
        Question="\\(d_k\\) 是什么？",
        Answer="<p>\\[\\frac{QK^\\top}{\\sqrt{d_k}}\\]</p>",
        Figure=f'<img src="{image.name}" alt="灰">',
    )
    copy = WorkingCopy(root=tmp_path, media=(image,))
    seen = review(copy.build(shown, note("other")), tmp_path / "shots", "--find", "Id:kv-cache", "--night")
    assert seen.errors == ()
    assert seen.sides["question"]["maths"] == 1
    assert seen.sides["answer"]["maths"] == 2
    assert [(item["src"], item["width"]) for item in seen.sides["answer"]["images"]] == [(image.name, 8)]
    assert all(side["night"] and not side["bad_maths"] and not side["raw_maths"] for side in seen.sides.values())
    assert all(shot.stat().st_size > 3000 for shot in seen.shots.values())
