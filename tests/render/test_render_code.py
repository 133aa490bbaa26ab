"""Colours of code: the text survives, tags balance, unknown languages stay plain."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from well_formed import assert_well_formed

from build_deck.render.code import CLASSES, LEXERS, highlight
from build_deck.render.tokens import DARK, LIGHT


def text_of(marked: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", marked))


@pytest.mark.parametrize("language", ["python", "cuda", "bash", "diff", "json", "nosuch"])
@settings(max_examples=40, deadline=None)
@given(source=st.text(alphabet="abc = \n\t\"'#{}()[]<>&\\0一$", max_size=80))
def test_highlighting_loses_no_character(language: str, source: str) -> None:
    marked = highlight(source, language)
    assert text_of(marked) == source.rstrip("\n")
    assert_well_formed(marked)


def test_known_tokens_have_classes() -> None:
    marked = highlight("@cache\ndef f(x: int) -> str:\n    return f'{x}'  # 注释\n", "python")
    assert re.findall(r'class="(\w+)"', marked) == ["hd", "hk", "hf", "hb", "hb", "hk", "hs", "hd", "hd", "hs", "hc"]


def test_every_class_has_a_colour_by_day_and_by_night() -> None:
    classes = {css for _, css in CLASSES}
    assert classes <= set(LIGHT)
    assert classes <= set(DARK)


@pytest.mark.parametrize("word", sorted(LEXERS))
def test_every_listed_language_has_a_lexer(word: str) -> None:
    assert text_of(highlight("x = 1", word)) == "x = 1"
