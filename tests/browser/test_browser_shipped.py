"""The deck that ships, every card of it, at the narrowest width with everything unfolded; and what a card weighs."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from build_deck.assemble import faces, render_all
from build_deck.build import load
from build_deck.exhibit import Exhibit
from build_deck.session import Session, open_session
from tests.browser.conftest import open_view

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

MEDIAN, MOST = 60_000, 200_000
"""Bytes of a card, as `make deck` reports them."""


@pytest.fixture(scope="module")
def shipped(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A copy of what is committed; its records are shown, its cells are not run."""
    root = tmp_path_factory.mktemp("shipped")
    for name in ("source", "figures", "requirements"):
        shutil.copytree(project / name, root / name)
    return open_session(root, lambda _: None)


def test_every_card_is_sound_at_320_pixels(chromium: Browser, shipped: Session) -> None:
    page = Exhibit(shipped).show().page
    view = open_view(chromium, page, (320, 640), night=False)
    found: dict[str, object] = {}
    for number, key in enumerate(view.page.evaluate("proofdeck.index.cards.map(card => card.key)")):
        view.page.evaluate(f"proofdeck.frame.night({'true' if number % 2 else 'false'})")
        view.show(key, "back")
        view.unfold()
        faults = view.faults()
        if any(faults.values()):
            found[key] = faults
            view.heard.clear()
        view.shoot(f"shipped-{key}")
    view.page.context.close()
    assert found == {}


def test_a_card_weighs_little(shipped: Session) -> None:
    corpus, _ = load(shipped)
    weights = {each.card.id: each.weight for each in render_all(shipped, corpus).cards}
    assert statistics.median(weights.values()) <= MEDIAN
    assert {key: weight for key, weight in weights.items() if weight > MOST} == {}
    assert sum(len(face.css) for face in faces(shipped)[:1]) < 20_000
