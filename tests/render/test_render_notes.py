"""A card's notes: what stands in which field, what does not stand on the front, what a follow-up carries."""

from __future__ import annotations

import dataclasses
import re

import pytest
from render_builders import CPU, HERE, card, cell, evidence, field, inputs, outcome, picture, prose
from render_samples import ALL, concept, kata, levels
from selectolax.lexbor import LexborHTMLParser
from well_formed import assert_safe, assert_well_formed

from build_deck.cells.protocol import Drawing
from build_deck.model.card import CellPart, FollowUp, Label, Part, Role
from build_deck.model.note import FIELDS, Media, NoteType, RenderedNote
from build_deck.model.outcome import MutantVerdict
from build_deck.render import cells_field, render_card
from build_deck.render.inputs import CardInputs


def fields(note: RenderedNote) -> dict[str, str]:
    return dict(zip(FIELDS, note.fields, strict=True))


def first(of: CardInputs) -> dict[str, str]:
    return fields(render_card(of)[0][0])


def texts(html: str, selector: str) -> list[str]:
    return [node.text(strip=True) for node in LexborHTMLParser(html).css(selector)]


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_field_is_safe_well_formed_html(name: str) -> None:
    notes, problems = render_card(ALL[name]())
    assert problems == ()
    for note in notes:
        for each in note.fields:
            assert_well_formed(each)
            assert_safe(each)
            assert "{{" not in each
            assert not re.search(r"<script|\son\w+=|style=|src=\"https?:", each)


@pytest.mark.parametrize("name", sorted(ALL))
def test_rendering_is_a_function_of_its_inputs(name: str) -> None:
    assert render_card(ALL[name]()) == render_card(ALL[name]())


def test_a_derivation_fills_its_fields() -> None:
    got = first(concept())
    assert got["Id"] == "attn-scale-sqrt-dk"
    assert got["Question"] == r'缩放点积注意力为什么要除以 <span class="nb">\(\sqrt{d_k}\)？</span>'
    assert texts(got["Context"], ".chips span") == ["Transformer 与注意力", "进阶", "推导"]
    assert texts(got["Evidence"], ".badge") == ["已执行 · CPU · torch 2.13.0"]
    assert texts(got["Evidence"], "details summary") == ["代码Python · 18 行", "改错即红1/1"]
    assert texts(got["Evidence"], ".out samp")[0].startswith("d_k   最大概率")
    assert (
        texts(got["FollowUps"], "details.fu summary")[1] == "训练起来之后 \\(q,k\\) 不再独立同分布，这个理由还成立吗？"
    )
    assert texts(got["Pitfalls"], ".no") == ["错“防止 softmax 里的 exp 溢出。”", "错“让点积的均值为 0。”"]
    assert 'href="https://arxiv.org/abs/1706.03762"' in got["References"]
    assert texts(got["Meta"], ".fine span") == ["截至 2026-10", "CPU 已执行", "attn-scale-sqrt-dk"]
    assert texts(got["Meta"], ".rel li") == ["手撕：实现带因果掩码的多头自注意力。"]
    assert (got["Spare1"], got["Spare2"], got["Stub"]) == ("", "", "")


def test_a_figure_has_two_inks_alt_text_and_a_caption() -> None:
    notes, _ = render_card(concept())
    html = LexborHTMLParser(fields(notes[0])["Figure"])
    assert [img.attributes["class"] for img in html.css("figure img")] == ["light", "dark"]
    assert {img.attributes["alt"] for img in html.css("img")} == {"两条曲线：不缩放时逼近 1"}
    assert html.css_first("figcaption").text() == r"不缩放时最大概率随 \(d_k\) 逼近 1；缩放后与 \(d_k\) 无关"
    assert notes[0].media == ("proofdeck-saturation-light.svg", "proofdeck-saturation-dark.svg")


def test_alternative_text_is_plain() -> None:
    drawn = picture("drawn", r"**最大概率**随 $\sqrt{d_k}$ 的变化，`a*b*c`")
    of = card("问", field(Label.CODE, cell("draw()\n", figure="图")))
    known = evidence(outcome("demo", drawings=(Drawing(name="drawn.svg", svg=""),)))
    (note,), _ = render_card(inputs(of, known, pictures={"demo/drawn.svg": drawn}))
    alts = {each.attributes["alt"] for each in LexborHTMLParser(fields(note)["Figure"]).css("img")}
    assert alts == {"最大概率随 √dₖ 的变化，a*b*c"}


def test_the_front_does_not_leak() -> None:
    for make in (concept, kata, levels):
        note = render_card(make())[0][0]
        front = " ".join(fields(note)[name] for name in ("Question", "Context", "Stub"))
        assert not set(re.findall(r"future = |已执行|one-hot|合并成一次事务", front))


def test_a_promoted_follow_up_is_a_note_of_its_own() -> None:
    (parent, promoted), _ = render_card(concept())
    got = fields(promoted)
    assert (promoted.id, promoted.note_type) == ("attn-scale-why-not-dk", NoteType.FOLLOW_UP)
    assert texts(got["Question"], "body") == [r"为什么是\(\sqrt{d_k}\)，不是\(d_k\)？"]
    assert fields(parent)["Question"] in got["Context"]
    assert fields(parent)["Answer"] in got["Context"]
    assert got["Answer"] in fields(parent)["FollowUps"]
    assert got["Cells"] == ""
    assert parent.order < promoted.order


def test_a_kata_shows_its_stub_in_front_and_its_solution_behind() -> None:
    note = render_card(kata())[0][0]
    got = fields(note)
    assert note.note_type is NoteType.KATA
    assert texts(got["Stub"], ".budget") == ["限时 12 分钟"]
    assert "NotImplementedError" in got["Stub"]
    assert "masked_fill" in got["Evidence"]
    assert "NotImplementedError" not in got["Evidence"]
    assert texts(got["Evidence"], ".badge") == ["已执行 · CPU · torch 2.13.0"]
    assert texts(got["Evidence"], ".note") == ["另有 2 个隐藏测试。"]
    assert texts(got["Evidence"], ".mut summary") == ["改错即红3/3"]
    assert texts(got["Evidence"], ".mut li small") == ["test_matches_sdpa 失败"] * 3
    assert "test_gradient_reaches_every_parameter" not in "".join(each for name, each in got.items() if name != "Cells")


def test_each_cell_says_exactly_how_far_it_was_verified() -> None:
    got = first(levels())
    assert texts(got["Evidence"], ".badge") == [
        "已在 NVIDIA H100 80GB HBM3 执行 · torch 2.13.0 · 2026-11-23",
        "仅模拟：验证算术与下标，不含耗时与竞争",
        "仅编译：只用 g++，没有启动",
        "未运行：需要 8 张 GPU",
        "已执行 · CPU · torch 2.13.0",
    ]
    assert texts(got["Evidence"], ".err samp") == [
        "如预期报错 RuntimeError: shape '[4]' is invalid for input of size 6"
    ]


def test_a_cell_without_a_record_says_so() -> None:
    got = first(dataclasses.replace(kata(), evidence=None))
    assert texts(got["Evidence"], ".badge") == ["未运行：还没有执行记录"]
    assert texts(got["Evidence"], ".mut summary") == ["改错即红0/3"]


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("import math, torch\n", "torch 2.13.0"),
        ("import numpy as np\nx = np.ones(2)\n", "numpy 2.4.1"),
        ("import numpy as np, torch\n", "torch 2.13.0"),
        ("import torch\nfrom peft import LoraConfig, get_peft_model\n", "peft 0.21.2"),
        ("from transformers.models import qwen2\nimport peft\n", "transformers 5.23.0"),
        ("# torch is not needed\nprint('import torch')\n", "Python 3.11.2"),
    ],
)
def test_the_library_that_a_card_is_about_is_named(source: str, named: str) -> None:
    chain = dataclasses.replace(CPU, packages={"peft": "0.21.2", "transformers": "5.23.0"})
    told = dataclasses.replace(outcome("demo", "1\n"), toolchain=chain)
    about = card("问", field(Label.ANSWER, "答"), field(Label.CODE, cell(source)))
    assert texts(first(inputs(about, evidence(told)))["Evidence"], ".badge") == [f"已执行 · CPU · {named}"]


def test_python_is_named_where_no_package_is() -> None:
    plain = card("问", field(Label.ANSWER, "答"), field(Label.CODE, cell("print(1)\n")))
    assert texts(first(inputs(plain, evidence(outcome("demo", "1\n"))))["Evidence"], ".badge") == [
        "已执行 · CPU · Python 3.11.2"
    ]


def test_hidden_lines_are_not_on_the_card_and_run_in_the_add_on() -> None:
    source = "#| hide\nsecret = 1\n#| show\nprint(secret)\n"
    parts = (CellPart(part=Part.HIDE, source="secret = 1\n"), CellPart(part=Part.SHOW, source="print(secret)\n"))
    got = first(inputs(card("问", field(Label.CODE, cell(source, parts=parts)))))
    assert "secret = " not in got["Evidence"]
    assert cells_field.decode(got["Cells"])["cells"][0]["source"] == source


def test_cells_field_round_trips_every_source_to_the_byte() -> None:
    of = kata()
    packed = cells_field.decode(first(of)["Cells"])
    assert [(each["id"], each["source"]) for each in packed["cells"]] == [(c.id, c.source) for c in of.card.cells]
    assert packed["cells"][3]["role"] == "hidden-tests"
    assert packed["mutants"][1] == {"name": "掩码方向反了", "of": "solution", "old": "triu(1)", "new": "tril(-1)"}
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", first(of)["Cells"])


def test_static_cells_are_not_offered_to_run() -> None:
    assert "launch" not in {each["id"] for each in cells_field.decode(first(levels())["Cells"])["cells"]}


@pytest.mark.parametrize(("lines", "folded"), [(16, False), (17, True)])
@pytest.mark.parametrize(("part", "title"), [(Part.SHOW, "代码"), (Part.CHECK, "断言")])
def test_code_and_assertions_fold_by_their_length(part: Part, title: str, lines: int, folded: bool) -> None:
    source = "assert True\n" * lines
    proof = cell(source, parts=(CellPart(part=part, source=source),))
    got = first(inputs(card("问", field(Label.CODE, proof))))
    assert texts(got["Evidence"], ".cell summary") == [f"{title}Python · {lines} 行"] * folded
    assert got["Evidence"].count("True") == lines


@pytest.mark.parametrize(("lines", "folded"), [(16, False), (17, True)])
def test_tests_fold_by_their_length(lines: int, folded: bool) -> None:
    tests = cell("x = 1\n" * lines, role=Role.TESTS)
    got = first(inputs(card("问", field(Label.CODE, tests))))
    assert texts(got["Evidence"], ".cell summary") == [f"测试Python · {lines} 行"] * folded


@pytest.mark.parametrize(("lines", "folded"), [(20, False), (21, True)])
def test_output_folds_by_its_length(lines: int, folded: bool) -> None:
    printed = evidence(outcome("demo", "一行\n" * lines))
    got = first(inputs(card("问", field(Label.CODE, cell("print()\n"))), printed))
    assert texts(got["Evidence"], ".cell summary") == [f"输出{lines} 行"] * folded


@pytest.mark.parametrize(
    ("printed", "columns"),
    [
        ("a   b", True),
        ("层 | 秩", True),
        ("a\tb", True),
        ("'<|im_start|>system\\n1+1'", False),
        ("    开头缩进", False),
    ],
)
def test_output_in_columns_scrolls_and_other_output_wraps(printed: str, columns: bool) -> None:
    got = first(inputs(card("问", field(Label.CODE, cell("print()\n"))), evidence(outcome("demo", printed))))
    assert ('class="out"' in got["Evidence"]) is columns
    assert ('class="out wrap"' in got["Evidence"]) is not columns


def test_a_retired_card_points_at_its_replacement() -> None:
    of = dataclasses.replace(
        inputs(card("旧题", field(Label.ANSWER, "旧答"), retired="0.3.0", use="new-id")),
        questions={"new-id": "新题 $x$"},
    )
    assert texts(first(of)["Answer"], ".retired") == [r"此题自 0.3.0 版起退役，请改用：新题 \(x\)"]


def test_core_cards_come_first_then_depth_then_place() -> None:
    def order(core: bool, depth: int, place: int) -> tuple[int, ...]:
        of = inputs(card("问", core=core, depth=depth))
        return render_card(dataclasses.replace(of, place=dataclasses.replace(of.place, card=place)))[0][0].order

    wanted = [order(True, 1, 5), order(True, 2, 0), order(False, 1, 2), order(False, 1, 3), order(False, 3, 1)]
    assert wanted == sorted(wanted)


def test_an_empty_question_is_a_fault() -> None:
    _, problems = render_card(inputs(card("")))
    assert [each.code for each in problems] == ["H003"]


def test_a_follow_up_notes_only_its_own_images() -> None:
    asked = FollowUp(question=prose("问"), answer=prose("![b](b.png)"), span=HERE, id="own")
    of = card("题", field(Label.DETAIL, "![a](a.png)"), follow_ups=(asked,))
    images = {name: Media(name=f"x-{name}", data=b"") for name in ("a.png", "b.png")}
    (parent, promoted), _ = render_card(inputs(of, images=images))
    assert parent.media == ("x-a.png", "x-b.png")
    assert promoted.media == ("x-b.png",)


@pytest.mark.parametrize(
    ("killed", "by", "words"),
    [
        (True, "AssertionError in saturation", "断言失败"),
        (True, "tests-1.test_no_leak", "test_no_leak 失败"),
        (False, "survived", "没有被发现"),
    ],
)
def test_a_mutant_says_what_became_of_it(killed: bool, by: str, words: str) -> None:
    of = concept()
    verdict = MutantVerdict(name=of.card.mutants[0].name, of="saturation", killed=killed, by=by)
    got = first(dataclasses.replace(of, evidence=evidence(outcome("saturation"), mutants=(verdict,))))
    assert texts(got["Evidence"], ".mut li small") == [words]
    assert texts(got["Evidence"], ".mut summary .all") == ["1/1"] * killed
