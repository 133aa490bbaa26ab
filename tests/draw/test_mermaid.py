"""Diagrams are drawn once, frozen, and drawn again only when their text changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from build_deck.cells.ink import INK, PAPER
from build_deck.draw.mermaid import DiagramError, render_frozen
from build_deck.draw.svg import unsafe_parts
from build_deck.model.card import Diagram
from build_deck.model.span import Span

FLOW = "flowchart TD\n  A[清洗数据] -->|去重| B{评测}\n  B --> C[(导出)]\n"
DIAGRAM = Diagram(id="flow", source=FLOW, caption="流程", span=Span("source/t/a.md", 10))


def test_labels_are_text_and_the_drawing_is_safe_and_well_formed(tmp_path: Path) -> None:
    svg = render_frozen(DIAGRAM, tmp_path / "flow.mermaid.svg", keep=False)
    labels = "".join(ElementTree.fromstring(svg).itertext())
    assert all(label in labels for label in ("清洗数据", "去重", "评测", "导出"))
    assert unsafe_parts(svg) == ()
    assert not list(tmp_path.iterdir())


def test_labels_that_merm_leaves_unstyled_are_in_our_ink(tmp_path: Path) -> None:
    root = ElementTree.fromstring(render_frozen(DIAGRAM, tmp_path / "flow.mermaid.svg", keep=False))
    assert root.attrib["fill"] == INK
    label = next(each for each in root.iter() if each.text == "去重")
    assert "fill" not in label.attrib


def test_a_label_hides_the_line_behind_its_letters_and_leaves_the_arrow_its_head(tmp_path: Path) -> None:
    short = replace(DIAGRAM, source="flowchart TD\n  A[清洗] -->|去重| B[导出]\n")
    root = ElementTree.fromstring(render_frozen(short, tmp_path / "flow.mermaid.svg", keep=False))
    label = next(each for each in root.iter() if each.text == "去重")
    group = next(each for each in root.iter() if label in list(each))
    assert [each.tag.rpartition("}")[2] for each in group] == ["text"]
    assert (label.attrib["stroke"], label.attrib["paint-order"]) == (PAPER, "stroke")
    tops = [float(each.attrib["y"]) for each in root.iter("{http://www.w3.org/2000/svg}rect")]
    below = float(label.attrib["y"]) + 13 / 2 + float(label.attrib["stroke-width"]) / 2
    assert max(tops) - below > 12


def test_a_frozen_drawing_is_used_as_it_is_until_the_text_changes(tmp_path: Path) -> None:
    frozen = tmp_path / "flow.mermaid.svg"
    first = render_frozen(DIAGRAM, frozen, keep=True)
    stamp, drawing = frozen.read_text(encoding="utf-8").split("\n", 1)
    frozen.write_text(f"{stamp}\n{drawing.replace('去重', '人工改过')}", encoding="utf-8")
    assert "人工改过" in render_frozen(DIAGRAM, frozen, keep=True)
    changed = render_frozen(replace(DIAGRAM, source=FLOW + "  C --> D[上线]\n"), frozen, keep=True)
    assert "上线" in changed
    assert "人工改过" not in changed
    assert render_frozen(DIAGRAM, frozen, keep=True) == first


def test_bad_text_is_an_error_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(DiagramError, match="Cannot parse") as caught:
        render_frozen(replace(DIAGRAM, source="flowchart TD\n  A[[x --> B"), tmp_path / "x.svg", keep=True)
    assert caught.value.line == 1
    assert not list(tmp_path.iterdir())


def test_a_diagram_left_to_mermaid_cli_asks_for_its_frozen_drawing(tmp_path: Path) -> None:
    by_hand = replace(DIAGRAM, renderer="mmdc")
    with pytest.raises(DiagramError, match="no fresh drawing") as caught:
        render_frozen(by_hand, tmp_path / "flow.mermaid.svg", keep=True)
    stamp = caught.value.hint.split("`")[1]
    (tmp_path / "flow.mermaid.svg").write_text(f"{stamp}\n<svg>手画</svg>\n", encoding="utf-8")
    assert "手画" in render_frozen(by_hand, tmp_path / "flow.mermaid.svg", keep=True)
