"""The deck that ships, every card of it, on the two phones with everything unfolded; and what a card weighs."""

from __future__ import annotations

import re
import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from build_deck import __version__
from build_deck.assemble import faces, render_all
from build_deck.build import load
from build_deck.exhibit import Exhibit
from build_deck.session import Session, open_session
from tests.browser.conftest import STARTS, View, open_view
from tests.draw.svg_facts import text_sizes, width

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

MEDIAN, MOST = 60_000, 200_000
"""Bytes of a card, as `make deck` reports them."""
READABLE = 12.0
"""Nine points, in pixels."""
FIGURES = "[...document.querySelectorAll('figure img')].filter(i => i.offsetWidth).map(i => [i.src, i.offsetWidth])"
IDLE = "MathJax.startup = {promise: Promise.resolve()}; MathJax.typesetPromise = () => Promise.resolve();"
STUB = "[...document.querySelectorAll('.stub .hl')].map(box => box.scrollWidth <= box.clientWidth)"


@pytest.fixture(scope="module")
def shipped(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A copy of what is committed; its records are shown, its cells are not run."""
    root = tmp_path_factory.mktemp("shipped")
    for name in ("source", "figures", "requirements"):
        shutil.copytree(project / name, root / name)
    return open_session(root, lambda _: None)


@pytest.fixture(scope="module")
def page(shipped: Session) -> Path:
    return Exhibit(shipped).show().page


def faint_print(view: View, page: Path) -> list[str]:
    """Figures whose smallest text is shown below nine points."""
    drawn = {Path(src).name: shown for src, shown in view.frame.evaluate(FIGURES)}
    svgs = {name: (page.parent / "media" / name).read_text(encoding="utf-8") for name in drawn}
    return [name for name, svg in svgs.items() if min(text_sizes(svg)) * drawn[name] / width(svg) < READABLE]


@pytest.mark.parametrize("size", [(320, 640), (390, 844)], ids=["small", "phone"])
def test_every_card_is_sound_on_a_phone(chromium: Browser, shipped: Session, page: Path, size: tuple[int, int]) -> None:
    report = load(shipped)[0].report.replace("{release}", __version__)
    view = open_view(chromium, page, size, night=False)
    found: dict[str, object] = {}
    for number, key in enumerate(view.page.evaluate("proofdeck.index.cards.map(card => card.key)")):
        view.page.evaluate(f"proofdeck.frame.night({'true' if number % 2 else 'false'})")
        view.show(key, "back")
        view.unfold()
        faults = {**view.faults(), "small print": faint_print(view, page)}
        links = view.frame.evaluate("[...document.querySelectorAll('footer .fine a')].map(a => a.getAttribute('href'))")
        faults["report"] = [] if links == [report.replace("{id}", key)] else links or ["no link"]
        if any(faults.values()):
            found[key] = faults
            view.heard.clear()
        view.shoot(f"shipped-{key}")
    view.page.context.close()
    assert found == {}


def every_side(view: View) -> Iterator[tuple[str, str]]:
    """Show one side of a card after the other, unfolded."""
    for key in view.page.evaluate("proofdeck.index.cards.map(card => card.key)"):
        for side in ("front", "back"):
            view.show(key, side)
            view.unfold()
            yield key, side


@pytest.mark.parametrize("size", [(320, 640), (390, 844), (1280, 800)], ids=["small", "phone", "desktop"])
def test_the_mark_behind_a_formula_begins_no_line(chromium: Browser, page: Path, size: tuple[int, int]) -> None:
    view = open_view(chromium, page, size, night=False)
    marks = {face: view.frame.evaluate(STARTS) for face in every_side(view)}
    view.page.context.close()
    assert {face: found for face, found in marks.items() if found} == {}


def test_tex_that_is_not_typeset_stays_on_the_page(chromium: Browser, page: Path, tmp_path: Path) -> None:
    shutil.copytree(page.parent, tmp_path / "raw")
    (tmp_path / "raw" / "mathjax.js").write_text(IDLE)
    view = open_view(chromium, tmp_path / "raw" / page.name, (320, 640), night=False)
    widths = {face: view.frame.evaluate("document.documentElement.scrollWidth") for face in every_side(view)}
    view.page.context.close()
    assert {face: width for face, width in widths.items() if width > 320} == {}


def test_a_stub_fits_a_phone(chromium: Browser, page: Path) -> None:
    view = open_view(chromium, page, (390, 844), night=False)
    katas = view.page.evaluate("proofdeck.index.cards.filter(card => card.kind === '手撕').map(card => card.key)")
    assert len(katas) >= 3
    for key in katas:
        view.show(key, "front")
        assert (key, view.frame.evaluate(STUB)) == (key, [True])
    view.page.context.close()


def test_a_card_weighs_little(shipped: Session) -> None:
    corpus, _ = load(shipped)
    weights = {each.card.id: each.weight for each in render_all(shipped, corpus).cards}
    assert statistics.median(weights.values()) <= MEDIAN
    assert {key: weight for key, weight in weights.items() if weight > MOST} == {}
    assert sum(len(face.css) for face in faces(shipped, corpus)[:1]) < 20_000


def test_what_a_card_weighs_is_what_a_client_loads(chromium: Browser, shipped: Session, page: Path) -> None:
    corpus, _ = load(shipped)
    card = next(each for each in render_all(shipped, corpus).cards if each.figures)
    view = open_view(chromium, page, (390, 844), night=False)
    loaded: list[str] = []
    view.page.on("request", lambda request: loaded.append(request.url))
    view.show(card.card.id or "", "back")
    pictures = {Path(url).name for url in loaded if re.search(r"/media/", url)}
    view.page.context.close()
    sizes = {each.name: len(each.data) for each in card.media}
    assert pictures == set(sizes)
    assert any("-dark-" in name for name in pictures)
    assert card.weight == sum(len(field.encode()) for field in card.notes[0].fields) + sum(sizes.values())
