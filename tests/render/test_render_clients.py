"""The classes of every client, by day and by night, around a card with a figure; and the variables a user may set."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from render_page import fill, page
from render_samples import concept, kata

from build_deck.model.note import Face, NoteType
from build_deck.render import render_card

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
CLIENTS = {
    "desktop": ("linux chrome", "card card1 isLin", "night-mode linux chrome", "card card1 nightMode night_mode isLin"),
    "AnkiDroid": (
        "mobile android linux js", "card card1", "mobile android linux js",
        "card card1 night_mode nightMode ankidroid_dark_mode",
    ),
    "AnkiDroid, new reviewer": (
        "", "card card1 mathjax-rendered", "night-mode", "card card1 nightMode night_mode mathjax-rendered",
    ),
    "AnkiMobile": ("iphone mobile", "card card1", "iphone mobile nightMode", "card card1 nightMode"),
    "AnkiWeb": ("", "card card1", "", "card card1 nightMode"),
}  # fmt: skip
"""Classes of `html` and `body` by day and by night, as far as they are published."""
PAPER = {False: "rgb(255, 255, 255)", True: "rgb(28, 30, 34)"}


def opened(chromium: Browser, folder: Path, html: str, width: int) -> Page:
    """`html` as a page of `folder`, with the pictures of the sample beside it and every fold open."""
    for picture in concept().pictures.values():
        for media in (picture.light, picture.dark):
            (folder / media.name).write_bytes(media.data)
    (folder / "index.html").write_text(html.replace("<details", "<details open"), encoding="utf-8")
    tab = chromium.new_page(viewport={"width": width, "height": 700})
    tab.goto((folder / "index.html").as_uri())
    return tab


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("client", sorted(CLIENTS))
def test_a_card_with_a_figure_is_sound_on_every_client(
    chromium: Browser, face: dict[NoteType, Face], tmp_path: Path, client: str, night: bool
) -> None:
    html, body = CLIENTS[client][2:] if night else CLIENTS[client][:2]
    text = page(face[NoteType.QUESTION], render_card(concept())[0][0], "back")
    text = re.sub(r'<body class="[^"]*"', f'<body class="{body}"', text.replace("<html>", f'<html class="{html}">'))
    tab = opened(chromium, tmp_path, text, 320)
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == PAPER[night]
    inks = tab.evaluate("[...document.images].filter(i => i.offsetWidth && i.naturalWidth).map(i => i.className)")
    assert inks == ["dark" if night else "light"]
    seen = tab.evaluate(CONTRAST)
    assert len(seen) > 20
    assert [each for each in seen if each["ratio"] < 4.5] == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    tab.close()


def sizes(tab: Page) -> list[float]:
    """Of every element that holds text but code, in pixels."""
    script = """() => [...document.querySelectorAll('.pd, .pd *')].filter(each => !each.closest('pre, code'))
      .map(each => parseFloat(getComputedStyle(each).fontSize))"""
    return list(tab.evaluate(script))


def test_a_user_may_set_size_width_code_and_accent(
    chromium: Browser, face: dict[NoteType, Face], tmp_path: Path
) -> None:
    text = page(face[NoteType.QUESTION], render_card(concept())[0][0], "back")
    plain = opened(chromium, tmp_path, text, 1280)
    before = sizes(plain)
    plain.close()
    line = ".card { --pd-size: 34px; --pd-width: 20em; --pd-code: 11px; --pd-accent: rgb(1, 2, 3) }"
    css = face[NoteType.QUESTION].css
    tab = opened(chromium, tmp_path, text.replace(css, f"{css}\n{line}"), 1280)
    assert sizes(tab) == pytest.approx([2 * size for size in before], rel=1e-3)
    assert tab.evaluate("document.querySelector('.pd').offsetWidth") == 20 * 34
    assert tab.evaluate("getComputedStyle(document.querySelector('.hl code')).fontSize") == "11px"
    assert tab.evaluate("getComputedStyle(document.querySelector('footer a')).color") == "rgb(1, 2, 3)"
    tab.close()


def test_a_kata_asks_with_its_stub_and_its_time(face: dict[NoteType, Face]) -> None:
    note = render_card(kata())[0][0]
    front, back = (fill(side, note) for side in (face[NoteType.KATA].front, face[NoteType.KATA].back))
    assert "限时 12 分钟" in front
    assert "NotImplementedError" in front
    assert "NotImplementedError" in back
    assert "masked_fill" not in front
