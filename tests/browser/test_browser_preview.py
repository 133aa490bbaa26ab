"""The page around the cards, as a visitor uses it: links, keys, search, filters, problems, five hundred cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from render_samples import ALL

from build_deck.model.problem import Problem, Severity
from build_deck.preview import Press, Site
from build_deck.render import faces, render_card
from tests.browser import gallery
from tests.browser.conftest import SHOWN, View, open_view

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

FIRST = """selector => {
  const [title, chips] = ["h1", ".chips"].map(name => document.querySelector(`${selector} ${name}`));
  const [looks, at] = [getComputedStyle(chips), chips.getBoundingClientRect()];
  return {at: [at.x, at.y], words: chips.textContent, font: looks.font, ink: looks.color, title: title.offsetWidth,
          paper: getComputedStyle(chips.closest(".card")).backgroundColor};
}"""
"""Where and how the first card begins."""
TITLE = """selector => {
  const title = document.querySelector(selector);
  return [title.innerText, getComputedStyle(title.querySelector(".tex")).color];
}"""
SPELLED = ["缩放点积注意力为什么要除以 √dₖ？", "rgb(31, 35, 40)"]


@pytest.fixture
def desk(chromium: Browser, site: tuple[Path, tuple[str, ...]]) -> Iterator[View]:
    opened = open_view(chromium, site[0], (1280, 800), night=False)
    yield opened
    assert opened.heard == []
    opened.page.context.close()


def reaches(view: View, key: str, side: str = "front") -> None:
    """Wait until the page says that it shows this side of this card, which it first may have to load."""
    view.page.wait_for_function(SHOWN, arg=[key, side])


def counts(view: View, text: str) -> None:
    """Wait until the list says how many it has: searching may first load what it looks into."""
    view.page.wait_for_function("text => document.getElementById('count').textContent.startsWith(text)", arg=text)


def titles(view: View) -> list[str]:
    return [row.inner_text() for row in view.page.query_selector_all(".row:not([hidden]) .title") if row.is_visible()]


def test_keys_turn_flip_and_unfold(desk: View) -> None:
    reaches(desk, "attn-scale-sqrt-dk")
    desk.page.keyboard.press("Space")
    reaches(desk, "attn-scale-sqrt-dk", "back")
    desk.settle()
    desk.page.keyboard.press("o")
    assert desk.frame.evaluate("[...document.querySelectorAll('details')].every(d => d.open)")
    desk.frame.click("h1")
    desk.page.keyboard.press("j")
    reaches(desk, "attn-scale-why-not-dk")
    desk.page.keyboard.press("k")
    desk.page.keyboard.press("k")
    reaches(desk, "attn-scale-sqrt-dk")
    desk.page.go_back()
    reaches(desk, "attn-scale-why-not-dk")


def test_every_card_has_a_link_of_its_own(desk: View) -> None:
    desk.page.goto(desk.page.url.partition("#")[0] + "#mha-handwrite/back")
    desk.page.reload()
    desk.settle()
    reaches(desk, "mha-handwrite", "back")
    assert desk.page.title().startswith("手撕")
    assert "参考实现" in desk.frame.inner_text("#qa")


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", "#attn-scale-sqrt-dk"),
        ("#gone", "#attn-scale-sqrt-dk"),
        ("#gone/back", "#attn-scale-sqrt-dk/back"),
        ("#flow/back", "#flow/back"),
    ],
)
def test_the_link_of_what_is_shown_is_copied(desk: View, asked: str, shown: str) -> None:
    address = desk.page.url.partition("#")[0]
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.page.goto(address + asked)
    desk.page.reload()
    desk.page.wait_for_selector("body[data-ready=yes]")
    key, _, side = shown[1:].partition("/")
    reaches(desk, key, side or "front")
    desk.page.click("#link")
    desk.page.wait_for_function("document.getElementById('link').textContent === '已复制链接'")
    assert desk.page.evaluate("navigator.clipboard.readText()") == address + shown
    # that there is no such card is found by asking for it
    desk.heard[:] = [each for each in desk.heard if "gone.js" not in each and "FILE_NOT_FOUND" not in each]


def test_the_first_front_is_in_the_page_itself(chromium: Browser, tmp_path: Path) -> None:
    gallery.many(tmp_path, 3)
    (tmp_path / "cards" / "card-0.js").unlink()
    page = chromium.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    page.frame_locator("#frame").locator("#qa h1").wait_for()
    page.close()


@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize("width", [320, 1280])
def test_what_is_seen_before_there_is_a_frame_is_what_the_frame_shows(
    chromium: Browser, tmp_path: Path, width: int, night: bool
) -> None:
    gallery.many(tmp_path, 3)
    view = open_view(chromium, tmp_path / "index.html", (width, 800), night=night)
    frame, inside = view.frame.frame_element().bounding_box(), view.frame.evaluate(FIRST, "#qa")
    assert view.page.query_selector("#first") is None
    view.page.context.close()
    (tmp_path / "frame.js").write_text("")
    early = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if night else "light")
    early.goto((tmp_path / "index.html").as_uri())
    outside = early.evaluate(FIRST, "#first")
    assert frame is not None
    assert inside.pop("at") == [outside["at"][0] - frame["x"], outside.pop("at")[1] - frame["y"]]
    assert inside == outside
    early.close()


def test_a_formula_in_the_first_title_reads_before_mathjax_is_there(chromium: Browser, tmp_path: Path) -> None:
    gallery.many(tmp_path, 3)
    (tmp_path / "mathjax.js").write_text("MathJax.startup = {promise: new Promise(() => {})};")
    waiting = open_view(chromium, tmp_path / "index.html", (1280, 800), night=False)
    assert waiting.frame.evaluate(TITLE, "#qa h1") == SPELLED
    (tmp_path / "frame.js").write_text("")
    waiting.page.reload()
    assert waiting.page.evaluate(TITLE, "#first h1") == SPELLED
    waiting.page.context.close()
    gallery.many(tmp_path, 3)
    view = open_view(chromium, tmp_path / "index.html", (1280, 800), night=False)
    view.settle()
    assert view.frame.evaluate("document.querySelectorAll('#qa h1 mjx-container svg').length") == 1
    assert view.frame.query_selector(".tex") is None
    view.page.context.close()


def test_a_link_to_a_card_that_is_gone_leads_to_the_first(chromium: Browser, tmp_path: Path) -> None:
    gallery.many(tmp_path, 3)
    page = chromium.new_page()
    page.goto((tmp_path / "index.html").as_uri() + "#no-such-card")
    page.wait_for_selector("body[data-ready=yes]")
    page.frame_locator("#frame").locator("#qa h1").wait_for()
    assert page.inner_text("#link") == "card-0"
    page.close()


def test_search_looks_into_answers_and_code(desk: View) -> None:
    desk.page.keyboard.press("/")
    desk.page.keyboard.type("masked_fill")
    counts(desk, "1 /")
    assert titles(desk) == ["手撕：实现带因果掩码的多头自注意力。"]
    desk.page.keyboard.press("Enter")
    reaches(desk, "mha-handwrite")
    desk.page.fill("#query", "no such word")
    counts(desk, "没有符合的卡")
    assert titles(desk) == []


def listed(view: View) -> list[str]:
    return [row.get_attribute("href") or "" for row in view.page.query_selector_all(".row") if row.is_visible()]


FILTERED = [
    ("#section", gallery.CHAPTERS[1], ["#flow", "#raw"]),
    ("#depth", "深入", ["#attn-scale-why-not-dk", "#cuda-coalescing"]),
    ("#kind", "手撕", ["#mha-handwrite"]),
    ("#level", "CPU 已执行", ["#attn-scale-sqrt-dk", "#mha-handwrite"]),
    ("#level", "仅编译", ["#cuda-coalescing"]),
    ("#level", "没有代码", ["#attn-scale-why-not-dk", "#flow", "#raw"]),
]


@pytest.mark.parametrize(("box", "value", "wanted"), FILTERED, ids=str)
def test_each_filter_narrows_the_list(desk: View, box: str, value: str, wanted: list[str]) -> None:
    desk.page.select_option(box, label=value)
    assert listed(desk) == wanted
    desk.page.select_option(box, index=0)
    assert len(listed(desk)) == 6


OFFERED = """() => Object.fromEntries([...document.querySelectorAll(".filters select")].map(
    box => [box.id, [...box.options].slice(1).map(option => option.text)]))"""


def test_filters_offer_what_there_is_in_the_order_of_the_words(desk: View) -> None:
    assert desk.page.evaluate(OFFERED) == {
        "section": [gallery.CHAPTERS[0], gallery.CHAPTERS[2], gallery.CHAPTERS[1]],
        "depth": ["基础", "进阶", "深入"],
        "kind": ["概念", "推导", "代码", "手撕", "追问"],
        "level": ["CPU 已执行", "仅编译", "没有代码"],
    }


def test_filters_join_and_the_keys_follow(desk: View) -> None:
    desk.page.select_option("#depth", "进阶")
    desk.page.select_option("#level", "CPU 已执行")
    assert listed(desk) == ["#attn-scale-sqrt-dk", "#mha-handwrite"]
    assert desk.page.inner_text("#number") == "1 / 2"
    desk.page.keyboard.press("j")
    reaches(desk, "mha-handwrite")
    desk.page.check("#core")
    assert listed(desk) == ["#attn-scale-sqrt-dk"]


@pytest.mark.parametrize(
    ("words", "wanted"), [("GPU 算子", ["#cuda-coalescing"]), ("注意力机制", 6), ("raw", ["#raw"])]
)
def test_search_knows_sections_topics_and_ids(desk: View, words: str, wanted: list[str] | int) -> None:
    desk.page.fill("#query", words)
    counts(desk, f"{len(wanted)} /" if isinstance(wanted, list) else f"{wanted} 张卡")
    assert isinstance(wanted, int) or listed(desk) == wanted


def test_the_frame_is_a_phone_when_asked(desk: View) -> None:
    assert desk.frame.evaluate("innerWidth") > 800
    desk.page.keyboard.press("p")
    assert desk.frame.evaluate("innerWidth") == 390
    desk.page.keyboard.press("d")
    assert desk.frame.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(28, 30, 34)"
    # what is stored reaches the browser a little later than the page, and it may reload in another process
    beside = desk.page.context.new_page()
    beside.goto(desk.page.url)
    beside.wait_for_function("/phone/.test(localStorage.getItem('proofdeck-preview'))")
    beside.close()
    desk.page.reload()
    desk.page.wait_for_selector("body[data-ready=yes]")
    assert desk.frame.evaluate("[innerWidth, document.body.classList.contains('nightMode')]") == [390, True]


def test_a_phone_has_the_list_behind_a_button(chromium: Browser, site: tuple[Path, tuple[str, ...]]) -> None:
    view = open_view(chromium, site[0], (320, 640), night=True)
    assert titles(view) == []
    view.page.tap("#menu")
    view.shoot("list")
    assert len(titles(view)) == 6
    assert view.faults() == {"card": [], "page": [], "contrast": [], "heard": []}
    view.page.tap(".row[href='#mha-handwrite']")
    reaches(view, "mha-handwrite")
    assert titles(view) == []
    view.page.tap("#flip")
    view.settle()
    assert "参考实现" in view.frame.inner_text("#qa")
    view.page.context.close()


def test_problems_are_shown_with_their_line(chromium: Browser, tmp_path: Path) -> None:
    inputs = ALL["kata"]()
    note = render_card(inputs)[0][0]
    faulty = Problem(code="C402", span=inputs.card.span, text="an answer <b>too</b> long", hint="shorten it")
    mild = replace(faulty, severity=Severity.WARNING, code="C602")
    leaf = gallery.leaf("mha-handwrite", inputs, note, (faulty, mild))
    Press(tmp_path).publish(Site(version="1", leaves=(leaf,), faces=faces(), media=(), problems=(mild,)))
    view = open_view(chromium, tmp_path / "index.html", (1280, 800), night=False)
    shown = view.page.inner_text("#problems")
    assert "C402 an answer <b>too</b> long" in shown
    assert "source/transformer/attention.md:3:1" in shown
    assert "2 个问题" in view.page.inner_text(".row")
    assert "1 个问题不属于任何卡" in view.page.inner_text("#deck-problems")
    view.shoot("problems")
    assert view.faults()["contrast"] == []
    view.page.context.close()


def test_five_hundred_cards_open_with_the_first_one(chromium: Browser, tmp_path: Path) -> None:
    gallery.many(tmp_path, 500)
    view = open_view(chromium, tmp_path / "index.html", (1280, 800), night=False)
    assert view.page.inner_text("#count") == "500 张卡"
    loaded = view.page.evaluate("Object.keys(proofdeck.cards).length")
    assert loaded <= 2
    view.page.keyboard.press("j")
    reaches(view, "card-1")
    view.page.context.close()
