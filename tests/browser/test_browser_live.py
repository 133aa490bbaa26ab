"""An open preview while an answer file is saved: the real server, the real file, the real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.preview.conftest import CARDS, Checkout
from tests.preview_server import serving

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

SHOWS = """text => (document.getElementById('frame').contentDocument.getElementById('qa')?.textContent ?? '')
    .includes(text)"""
LONG = "\n".join(f"- 第 {number} 点。\n" for number in range(80))


@pytest.fixture
def checkout(tmp_path: Path, project: Path) -> Checkout:
    made = Checkout.make(tmp_path / "checkout", project, CARDS)
    made.replace("拆头之后是四维。", f"拆头之后是四维。\n- 展开：\n\n  {LONG.replace(chr(10), chr(10) + '  ')}")
    return made


@pytest.fixture
def page(checkout: Checkout, chromium: Browser, project: Path) -> Iterator[Page]:
    """The back of `shape`, unfolded and scrolled."""
    with serving(checkout.root, project) as port:
        opened, heard = chromium.new_page(viewport={"width": 1280, "height": 600}), []
        opened.on("console", lambda message: heard.append(message.text))
        opened.on("pageerror", lambda error: heard.append(str(error)))
        opened.goto(f"http://127.0.0.1:{port}/#shape/back")
        opened.wait_for_selector("body[data-ready=yes]")
        opened.wait_for_function(SHOWS, arg="拆头之后是四维。")
        opened.evaluate("proofdeck.frame.unfold()")
        opened.evaluate("document.getElementById('frame').contentWindow.scrollTo(0, 700)")
        yield opened
        assert heard == []
        opened.close()


def place(page: Page) -> list[object]:
    """What is shown, how far it is scrolled, and what is unfolded."""
    script = """() => { const frame = document.getElementById('frame');
      return [location.hash, frame.contentWindow.scrollY,
              [...frame.contentDocument.querySelectorAll('details')].map(each => each.open)] }"""
    return list(page.evaluate(script))


def test_a_saved_answer_comes_and_the_place_is_kept(page: Page, checkout: Checkout) -> None:
    before = place(page)
    checkout.replace("拆头之后是四维。", "拆头之后是四维张量。")
    page.wait_for_function(SHOWS, arg="四维张量")
    assert place(page) == before == ["#shape/back", 700, [True]]


def test_a_saved_question_renews_the_list_and_what_is_searched(page: Page, checkout: Checkout) -> None:
    page.fill("#query", "注意力头")
    page.wait_for_function("document.getElementById('count').textContent === '没有符合的卡'")
    checkout.replace("形状怎么变？", "注意力头的形状怎么变？")
    page.wait_for_function("document.getElementById('count').textContent.startsWith('1 /')")
    assert page.inner_text(".row:not([hidden]) .title") == "注意力头的形状怎么变？"


def test_a_save_of_another_card_leads_to_it(page: Page, checkout: Checkout) -> None:
    checkout.replace("方差随维度线性增长", "点积的方差随维度线性增长")
    page.wait_for_function(SHOWS, arg="点积的方差")
    assert place(page)[0] == "#scale/back"


def test_a_new_card_and_a_fault_appear(page: Page, checkout: Checkout) -> None:
    checkout.replace("3) 还没有名字的题？", "3) 有名字的题？ {#fresh related=nobody}")
    page.wait_for_function("document.querySelector(\".row[href='#fresh'] .error\")")
    problems = json.dumps(page.evaluate("proofdeck.index.cards.at(-1).problems"))
    assert "nobody" in problems
