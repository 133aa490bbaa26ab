"""The faces: what Anki needs of a template, colours that can be read, no rule that an old web view lacks."""

from __future__ import annotations

import re

import pytest
from render_page import fill
from render_samples import ALL, concept
from selectolax.lexbor import LexborHTMLParser
from well_formed import assert_well_formed

from build_deck.model.note import FIELDS, Face, NoteType
from build_deck.render import FaceOptions, faces, render_card
from build_deck.render.tokens import DARK, LIGHT, MONO, SANS, TEXT_ON

TYPES = list(NoteType)


@pytest.mark.parametrize("note_type", TYPES)
def test_the_front_depends_on_the_question_alone(face: dict[NoteType, Face], note_type: NoteType) -> None:
    front = face[note_type].front
    always = re.sub(r"\{\{#(\w+)\}\}.*?\{\{/\1\}\}", "", front, flags=re.S)
    assert re.findall(r"\{\{(\w+)\}\}", always) == ["Question"]
    assert set(re.findall(r"\{\{[#/]?(\w+)\}\}", front)) <= {"Question", "Context", "Stub"}


@pytest.mark.parametrize("note_type", TYPES)
def test_templates_are_whole_without_a_script(face: dict[NoteType, Face], note_type: NoteType) -> None:
    for side in (face[note_type].front, face[note_type].back):
        assert not re.search(r"<script|\son\w+=|https?://|url\(", side)
        assert "[[" not in side
        assert "[%" not in side
        assert set(re.findall(r"\{\{[#/]?(\w+)\}\}", side)) <= set(FIELDS) - {"Cells", "Spare1", "Spare2"}
    assert '<hr id="answer">' in face[note_type].back


def test_all_note_types_share_one_stylesheet(face: dict[NoteType, Face]) -> None:
    assert len({each.css for each in face.values()}) == 1


@pytest.mark.parametrize("name", sorted(ALL))
def test_filled_faces_are_well_formed(face: dict[NoteType, Face], name: str) -> None:
    for note in render_card(ALL[name]())[0]:
        for template in (face[note.note_type].front, face[note.note_type].back):
            page = fill(template, note)
            assert_well_formed(page)
            assert "{{" not in page
            assert LexborHTMLParser(page).css_first("main").attributes["lang"] == "zh-CN"


def test_the_back_reads_in_the_order_of_an_interview(face: dict[NoteType, Face]) -> None:
    note = render_card(concept())[0][0]
    page = LexborHTMLParser(fill(face[NoteType.QUESTION].back, note))
    assert page.css_first("hr#answer + section.answer") is not None
    assert page.css_first("section.answer + section.figure + section.evidence") is not None
    headings = [
        node.text(strip=True) for node in page.css("main > section h2, main > details.detail > summary, footer h2")
    ]
    assert headings == ["证据", "追问", "坑位", "反问", "展开", "参考", "相关"]


def test_a_release_may_name_itself_and_its_tracker() -> None:
    for face in faces(FaceOptions(version="1.2.0", report="https://example.org/new?title={id}&v={release}")):
        assert "ProofDeck 1.2.0" in face.back
        assert '<a href="https://example.org/new?title={{Id}}&amp;v=1.2.0">报错</a>' in face.back
        assert "报错" not in face.front
    assert "报错" not in faces(FaceOptions(version="1.2.0"))[0].back


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("inks", [LIGHT, DARK], ids=["day", "night"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_reads_on_its_ground(inks: dict[str, str], text: str, ground: str) -> None:
    assert contrast(inks[text], inks[ground]) >= 4.5


@pytest.mark.parametrize("stack", [SANS, MONO])
def test_han_characters_come_from_a_chinese_font_of_each_system(stack: str) -> None:
    named = [name.strip(' "') for name in stack.split(",")]
    chinese = ["PingFang SC", "Microsoft YaHei"]
    assert all(name in named[:-1] for name in chinese)
    assert any(name.startswith("Noto Sans") and name.endswith("CJK SC") for name in named[:-1])
    assert named[-1] in {"sans-serif", "monospace"}


def test_the_stylesheet_uses_tokens_only(face: dict[NoteType, Face]) -> None:
    css = re.sub(r"/\*.*?\*/", "", face[NoteType.QUESTION].css, flags=re.S)
    rules = re.sub(r"--pd-[\w-]+:[^;]+;", "", css)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", rules) == []
    defined = set(re.findall(r"(--pd-[\w-]+):", css))
    assert set(re.findall(r"var\((--pd-[\w-]+)\)", css)) <= defined


def test_the_stylesheet_asks_nothing_of_an_old_web_view(face: dict[NoteType, Face]) -> None:
    css = face[NoteType.QUESTION].css
    assert "prefers-color-scheme" not in css
    assert ".nightMode" in css
    assert not re.search(
        r":has\(|:is\(|:where\(|@layer|@container|color-mix|\binset:|@import|url\(|\bgap:|clamp\(|&", css
    )


def test_no_rule_is_nested(face: dict[NoteType, Face]) -> None:
    depth, deepest = 0, 0
    for char in re.sub(r"@media[^{]+\{(.*?\})\s*\}", r"\1", face[NoteType.QUESTION].css, flags=re.S):
        depth += (char == "{") - (char == "}")
        deepest = max(deepest, depth)
    assert (depth, deepest) == (0, 1)
