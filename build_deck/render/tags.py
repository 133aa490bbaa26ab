"""Tags of a note: one private root, axes below it, no character that Anki's search reads as syntax."""

from __future__ import annotations

import re
import unicodedata

from build_deck.ids import TAG_ROOT
from build_deck.model.card import Card
from build_deck.render.inputs import Place
from build_deck.render.words import KINDS

_TEX = re.compile(r"\\[a-zA-Z]+|[\\${}^]")
_BETWEEN_SCRIPTS = re.compile(r"(?<=[⺀-鿿豈-﫿])\s+(?=\w)|(?<=\w)\s+(?=[⺀-鿿豈-﫿])")
_UNFIT = re.compile(r"[\s\"'*_:;,.()\[\]<>!?#&|/\\]+|[，。：；、（）《》“”‘’！？]+")


def slug(title: str) -> str:
    """`title` as one level of a tag: NFC, no spaces, no search syntax, Han and Latin joined."""
    text = _BETWEEN_SCRIPTS.sub("", _TEX.sub("", unicodedata.normalize("NFC", title.strip())))
    return _UNFIT.sub("-", text).strip("-") or "其他"


def card_tags(card: Card, place: Place) -> tuple[str, ...]:
    """Section, topic (with its group), depth, kind; core and retired where they apply."""
    topic = ["主题", slug(place.topic_title), *([slug(card.group)] if card.group else [])]
    tags = [("章节", slug(place.section_title)), topic, ("难度", str(card.depth)), ("题型", slug(KINDS[card.kind]))]
    tags += [("核心",)] * card.core + [("已退役",)] * (card.retired is not None)
    return tuple("::".join((TAG_ROOT, *tag)) for tag in tags)


def follow_up_tags(card: Card, place: Place, depth: int) -> tuple[str, ...]:
    """As its parent's, but for its own depth and kind; core is what was chosen, and that was the parent."""
    shared = [tag for tag in card_tags(card, place) if tag.split("::")[1] in {"章节", "主题", "已退役"}]
    return (*shared, f"{TAG_ROOT}::难度::{depth}", f"{TAG_ROOT}::题型::追问")
