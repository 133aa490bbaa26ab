"""Faces in a real Chromium: nothing over the edge, nothing fetched, nothing on the console, all text readable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from render_page import page
from render_samples import ALL

from build_deck.model.note import Face, NoteType
from build_deck.render import render_card

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

NARROW = {"width": 320, "height": 640}
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


@pytest.fixture(params=[False, True], ids=["day", "night"], scope="module")
def night(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=sorted(ALL), scope="module")
def shown(
    request: pytest.FixtureRequest,
    chromium: Browser,
    face: dict[NoteType, Face],
    night: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Page, list[str]]]:
    """The back of a sample, all unfolded, at 320 px, without JavaScript; and what it fetched or said."""
    made = ALL[request.param]()
    folder = tmp_path_factory.mktemp("page")
    for picture in made.pictures.values():
        for media in (picture.light, picture.dark):
            (folder / media.name).write_bytes(media.data)
    note = render_card(made)[0][0]
    html = page(face[note.note_type], note, "back", night=night).replace("<details", "<details open")
    (folder / "index.html").write_text(html, encoding="utf-8")
    context = chromium.new_context(viewport=NARROW, device_scale_factor=2, is_mobile=True, java_script_enabled=False)
    tab, heard = context.new_page(), []
    tab.on("console", lambda message: heard.append(message.text))
    tab.on("request", lambda request: heard.append(request.url) if not request.url.startswith("file:") else None)
    tab.on("requestfailed", lambda request: heard.append(f"failed {request.url}"))
    tab.goto((folder / "index.html").as_uri())
    yield tab, heard
    context.close()


def test_nothing_runs_over_the_edge(shown: tuple[Page, list[str]]) -> None:
    width = shown[0].evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW["width"]


def test_nothing_is_fetched_and_nothing_is_said(shown: tuple[Page, list[str]]) -> None:
    assert shown[1] == []


def test_every_text_reads_on_its_ground(shown: tuple[Page, list[str]]) -> None:
    seen = shown[0].evaluate(CONTRAST)
    assert len(seen) > 20
    assert [each for each in seen if each["ratio"] < 4.5] == []


def test_one_ink_of_each_figure_is_shown(shown: tuple[Page, list[str]], night: bool) -> None:
    inks = shown[0].evaluate("[...document.images].filter(i => i.offsetWidth && i.naturalWidth).map(i => i.className)")
    assert set(inks) <= {"dark" if night else "light"}
    assert len(inks) == len(re.findall(r'class="light"', shown[0].content()))


EDGES = """[...document.querySelectorAll('figcaption')].map(caption => {
    const [box, text] = [caption, document.querySelector('.answer')].map(each => each.getBoundingClientRect());
    return [box.left - text.left, box.right - text.right];
})"""


def test_a_caption_has_the_margin_of_the_text(shown: tuple[Page, list[str]]) -> None:
    assert [edges for edges in shown[0].evaluate(EDGES) if edges != [0, 0]] == []


def test_what_is_tapped_is_large_enough(shown: tuple[Page, list[str]]) -> None:
    sizes = shown[0].evaluate(
        "[...document.querySelectorAll('summary, footer a')].map(s => s.getBoundingClientRect())"
        ".map(box => [box.width, box.height])"
    )
    assert [size for size in sizes if min(size) < 40] == []


@pytest.mark.parametrize("name", sorted(ALL))
def test_without_the_stylesheet_everything_is_still_there(
    chromium: Browser, face: dict[NoteType, Face], name: str
) -> None:
    note = render_card(ALL[name]())[0][0]
    text = re.sub(r"<style>.*?</style>", "", page(face[note.note_type], note, "back"), flags=re.S)
    tab = chromium.new_page(viewport=NARROW)
    tab.set_content(text.replace("<details", "<details open"))
    shown = tab.evaluate("document.body.innerText")
    tab.close()
    assert "证据" in shown or "参考实现" in shown
    assert note.id in shown
