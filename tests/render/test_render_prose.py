"""Markdown of a card → HTML, pair by pair; and what is refused says where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from render_builders import prose
from well_formed import assert_safe, assert_well_formed

from build_deck.model.note import Media
from build_deck.parse.corpus import load
from build_deck.render.markdown import Typesetter
from build_deck.render.safe import neutralise

CASE_FILE = "render-prose.md"
IMAGES = {"flow.png": Media(name="proofdeck-flow-1a2b3c4d.png", data=b"")}


def test_pair(given: str, wanted: str) -> None:
    html = neutralise(Typesetter(IMAGES).block(prose(given)))
    assert html == wanted
    assert_well_formed(html)
    assert_safe(html)


def test_an_unknown_image_is_a_fault_with_a_place() -> None:
    setter = Typesetter({})
    setter.block(prose("第一行\n\n第三行 ![图](gone.png)", line=40))
    assert [(str(each.span), each.code) for each in setter.problems] == [
        ("source/transformer/attention.md:42:10", "H001")
    ]


def test_a_link_that_is_not_http_is_a_fault_with_a_place() -> None:
    setter = Typesetter({})
    setter.block(prose("看 [这里](javascript:alert(1))", line=7))
    assert [(each.span.line, each.code) for each in setter.problems] == [(7, "H002")]


def test_used_images_are_noted_once() -> None:
    setter = Typesetter(IMAGES)
    setter.block(prose("![a](flow.png) ![b](flow.png)"))
    assert setter.media == ["proofdeck-flow-1a2b3c4d.png"]


def test_every_address_in_a_shipped_reference_is_a_link(project: Path) -> None:
    corpus, _ = load(project)
    cited = [(card.id, Typesetter({}).inline(each)) for card in corpus.cards for each in card.references]
    bare = [(key, html) for key, html in cited if re.search(r"arXiv|doi|https?:", re.sub(r"<a .*?</a>", "", html))]
    assert bare == []
    unlinked = [html for _, html in cited if "<a " not in html]
    assert len(unlinked) < len(cited) / 20, unlinked


@pytest.mark.parametrize("text", ["单独一段 $x$", "**一** 行", "纯文本"])
def test_inline_drops_the_paragraph(text: str) -> None:
    assert "<p>" not in Typesetter({}).inline(prose(text))


def test_inline_keeps_more_than_a_paragraph() -> None:
    assert Typesetter({}).inline(prose("一\n\n二")) == "<p>一</p>\n<p>二</p>"


@settings(max_examples=150, deadline=None)
@drawn(st.text(alphabet="ab一，。 \n\t<>&\"'`*_[]()!|\\${}#-1.:/~=", max_size=60))
def test_no_text_breaks_out(text: str) -> None:
    html = neutralise(Typesetter({}).block(prose(text)))
    assert_well_formed(html)
    assert_safe(html)
    assert "{{" not in html


@drawn(st.text(alphabet="一二，。a", min_size=1, max_size=20))
def test_the_short_way_for_plain_text_agrees_with_the_long_one(text: str) -> None:
    # an empty emphasis-free code span at the end sends the same text through markdown-it
    long_way = Typesetter({}).block(prose(f"{text}`x`"))
    assert Typesetter({}).block(prose(text)) == long_way.replace("<code>x</code>", "")
