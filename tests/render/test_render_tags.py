"""Tags: one root, no spaces, no search syntax."""

from __future__ import annotations

import dataclasses
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from render_builders import PLACE, card
from render_samples import concept

from build_deck.render.tags import card_tags, follow_up_tags, slug


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Transformer 与注意力", "Transformer与注意力"),
        ("KV Cache 与显存", "KV-Cache与显存"),
        ("为什么是 $\\sqrt{d_k}$？", "为什么是d-k"),
        ("RAG::检索（上）", "RAG-检索-上"),
        ("  ", "其他"),
    ],
)
def test_slug(title: str, wanted: str) -> None:
    assert slug(title) == wanted


@given(st.text(max_size=30))
def test_a_slug_is_one_level_that_search_understands(title: str) -> None:
    made = slug(title)
    assert made
    assert not re.search(r"[\s:\"*_()\\]", made)
    assert unicodedata.is_normalized("NFC", made)


def test_tags_of_a_card() -> None:
    assert card_tags(concept().card, PLACE) == (
        "LLM面试::章节::Transformer与注意力",
        "LLM面试::主题::注意力机制",
        "LLM面试::难度::2",
        "LLM面试::题型::推导",
        "LLM面试::核心",
    )


def test_a_group_lies_below_its_topic_and_a_retired_card_says_so() -> None:
    of = dataclasses.replace(card("问"), group="变体", retired="0.3.0")
    tags = card_tags(of, PLACE)
    assert "LLM面试::主题::注意力机制::变体" in tags
    assert tags[-1] == "LLM面试::已退役"


def test_a_follow_up_has_its_own_depth_and_is_not_core() -> None:
    assert follow_up_tags(concept().card, PLACE, 3) == (
        "LLM面试::章节::Transformer与注意力",
        "LLM面试::主题::注意力机制",
        "LLM面试::难度::3",
        "LLM面试::题型::追问",
    )
