"""The keyboard, as someone who reviews with it presses it: every key is a real one, wherever the focus was left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import gallery
from tests.browser.conftest import SHOWN, View, open_view

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

FIRST, SECOND, LAST = "attn-scale-sqrt-dk", "attn-scale-why-not-dk", "raw"
SCROLLED = "() => document.getElementById('frame').contentWindow.scrollY > 40"


@pytest.fixture
def desk(chromium: Browser, site: tuple[Path, tuple[str, ...]]) -> Iterator[View]:
    opened = open_view(chromium, site[0], (1280, 700), night=False)
    opened.settle()
    yield opened
    assert opened.heard == []
    opened.page.context.close()


def press(view: View, *keys: str) -> None:
    for key in keys:
        view.page.keyboard.press(key)


def reaches(view: View, key: str, side: str = "front") -> None:
    view.page.wait_for_function(SHOWN, arg=[key, side])
    view.settle()


def nowhere(view: View) -> None:
    """As the page opens."""


def a_row(view: View) -> None:
    view.page.click(f".row[href='#{FIRST}']")


def a_button(view: View) -> None:
    view.page.click("#after")
    reaches(view, SECOND)
    view.page.click("#before")


def the_card(view: View) -> None:
    view.frame.click("h1")


@pytest.mark.parametrize("left", [nowhere, a_row, a_button, the_card])
def test_space_shows_the_answer_and_then_scrolls_it(desk: View, left: object) -> None:
    assert callable(left)
    left(desk)
    reaches(desk, FIRST)
    press(desk, "Space")
    reaches(desk, FIRST, "back")
    assert desk.frame.evaluate("scrollY") == 0
    press(desk, "Space")
    desk.page.wait_for_function(SCROLLED)
    reaches(desk, FIRST, "back")
    press(desk, "Home")
    desk.page.wait_for_function("() => document.getElementById('frame').contentWindow.scrollY === 0")


@pytest.mark.parametrize("left", [nowhere, a_row, the_card])
@pytest.mark.parametrize("key", ["PageDown", "ArrowDown", "End"])
def test_the_answer_scrolls_by_keys(desk: View, left: object, key: str) -> None:
    assert callable(left)
    left(desk)
    press(desk, "f")
    reaches(desk, FIRST, "back")
    press(desk, *[key] * 3)
    desk.page.wait_for_function(SCROLLED)


def test_the_answer_scrolls_after_the_button_was_clicked(desk: View) -> None:
    desk.page.click("#flip")
    reaches(desk, FIRST, "back")
    press(desk, "Space")
    desk.page.wait_for_function(SCROLLED)
    reaches(desk, FIRST, "back")


def test_a_button_that_was_reached_by_keys_is_pressed_by_them(desk: View) -> None:
    desk.page.focus("#flip")
    press(desk, "Space")
    reaches(desk, FIRST, "back")
    press(desk, "Space")
    reaches(desk, FIRST)


@pytest.mark.parametrize("left", [nowhere, the_card])
def test_turning_and_flipping(desk: View, left: object) -> None:
    assert callable(left)
    left(desk)
    for forth, back in (("j", "k"), ("ArrowRight", "ArrowLeft"), ("J", "K")):
        press(desk, forth)
        reaches(desk, SECOND)
        press(desk, back)
        reaches(desk, FIRST)
    press(desk, "k")
    reaches(desk, FIRST)
    press(desk, "f")
    reaches(desk, FIRST, "back")
    press(desk, "F")
    reaches(desk, FIRST)


def test_unfolding_and_looks(desk: View) -> None:
    press(desk, "f")
    reaches(desk, FIRST, "back")
    folds = "[...document.querySelectorAll('details')].map(d => d.open)"
    press(desk, "o")
    assert set(desk.frame.evaluate(folds)) == {True}
    press(desk, "o")
    assert set(desk.frame.evaluate(folds)) == {False}
    press(desk, "d")
    assert desk.frame.evaluate("document.body.className") == "card card1 nightMode night_mode"
    press(desk, "d", "p")
    assert desk.frame.evaluate("[document.body.className, innerWidth]") == ["card card1", 390]
    press(desk, "p")
    assert desk.frame.evaluate("innerWidth") > 800


def test_searching_by_keys(desk: View) -> None:
    press(desk, "/")
    desk.page.keyboard.type("masked_fill f")
    assert desk.page.input_value("#query") == "masked_fill f"
    desk.page.wait_for_function("document.getElementById('count').textContent.startsWith('1 /')")
    press(desk, "Enter")
    reaches(desk, "mha-handwrite")
    press(desk, "Space")
    reaches(desk, "mha-handwrite", "back")
    press(desk, "/", "Escape", "f")
    reaches(desk, "mha-handwrite")


def test_keys_with_a_modifier_are_the_browsers(desk: View) -> None:
    press(desk, "Control+d", "Alt+f")
    reaches(desk, FIRST)
    assert not desk.frame.evaluate("document.body.classList.contains('nightMode')")


def test_the_row_of_the_card_is_never_under_the_heading(chromium: Browser, tmp_path: Path) -> None:
    gallery.many(tmp_path, 60)
    view = open_view(chromium, tmp_path / "index.html", (1280, 500), night=False)
    seen = """() => { const row = document.querySelector('.row[aria-current]').getBoundingClientRect();
      const head = document.querySelector('#list h2').getBoundingClientRect();
      const list = document.getElementById('list').getBoundingClientRect();
      return row.top >= head.bottom - 1 && row.bottom <= list.bottom + 1 }"""
    for key in ["j"] * 12 + ["k"] * 12:
        view.page.keyboard.press(key)
        view.page.wait_for_function(seen)
    view.page.context.close()


@pytest.mark.parametrize("address", ["#%", "#%E4%B8", "#..%2F..%2Fmathjax", "#/back"])
def test_an_address_that_means_nothing_leads_to_the_first_card(
    chromium: Browser, site: tuple[Path, tuple[str, ...]], address: str
) -> None:
    page = chromium.new_page()
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url) if "%" in request.url else None)
    page.goto(site[0].as_uri() + address)
    page.wait_for_selector("body[data-ready=yes]")
    page.wait_for_function("document.getElementById('link').textContent === 'attn-scale-sqrt-dk'")
    assert heard == []
    page.close()
