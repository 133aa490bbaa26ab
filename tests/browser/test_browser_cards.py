"""Every kind of card in a real Chromium, in the preview with its own MathJax: three windows, two inks, both sides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import View, open_view

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

SIZES = {"small": (320, 640), "phone": (390, 844), "desktop": (1280, 800)}
CARDS = ("attn-scale-sqrt-dk", "attn-scale-why-not-dk", "mha-handwrite", "cuda-coalescing", "flow", "raw")
SOUND = {"card": [], "page": [], "contrast": [], "heard": []}


@pytest.fixture(params=[False, True], ids=["day", "night"], scope="module")
def night(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=sorted(SIZES), scope="module")
def view(
    request: pytest.FixtureRequest, chromium: Browser, site: tuple[Path, tuple[str, ...]], night: bool
) -> Iterator[View]:
    opened = open_view(chromium, site[0], SIZES[request.param], night=night)
    yield opened
    opened.page.context.close()


def test_the_gallery_is_complete(site: tuple[Path, tuple[str, ...]]) -> None:
    assert sorted(site[1]) == sorted(CARDS)


@pytest.mark.parametrize("side", ["front", "back"])
@pytest.mark.parametrize("key", CARDS)
def test_a_card_is_sound(view: View, night: bool, key: str, side: str) -> None:
    view.show(key, side)
    view.shoot(f"{key}-{side}")
    view.unfold()
    assert view.faults() == SOUND
    assert view.frame.evaluate("document.body.classList.contains('nightMode')") is night


def test_formulas_are_typeset_by_the_vendored_mathjax(view: View) -> None:
    view.show("attn-scale-sqrt-dk", "back")
    assert view.frame.evaluate("document.querySelectorAll('mjx-container svg').length") > 20
    assert view.frame.evaluate("MathJax.version") == "3.2.2"


def test_one_ink_of_each_figure_is_shown(view: View, night: bool) -> None:
    view.show("flow", "back")
    inks = view.frame.evaluate("[...document.images].filter(i => i.offsetWidth).map(i => i.className)")
    assert inks == ["dark" if night else "light"]
