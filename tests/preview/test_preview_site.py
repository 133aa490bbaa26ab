"""The files of the preview: the package's own fields and stylesheet, problems with their cards, nothing stale."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from build_deck import __version__
from build_deck.cli import main
from build_deck.exhibit import Exhibit
from build_deck.render import faces
from build_deck.session import open_session
from tests.preview.conftest import Checkout
from tests.small_checkout import TABLE


def data(folder: Path, name: str) -> Any:
    """What one of the data scripts assigns."""
    return json.loads((folder / name).read_text("utf-8").partition(" = ")[2].rstrip(";\n"))


def test_the_command_leaves_a_page_with_every_card(checkout: Checkout) -> None:
    done = CliRunner().invoke(main, ["preview", "--root", str(checkout.root)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "3 cards" in done.stdout
    rows = data(checkout.preview, "data/index.js")["cards"]
    assert [row["key"] for row in rows] == ["scale", "scale-why", "shape", "transformer.scale.3"]
    assert rows[1]["parent"] == "scale"
    assert (rows[0]["depth"], rows[0]["kind"], rows[0]["section"]) == ("进阶", "推导", "Transformer 与注意力")
    assert {path.stem for path in (checkout.preview / "cards").iterdir()} == {row["key"] for row in rows}


def test_filters_know_every_word_that_a_card_may_have(checkout: Checkout) -> None:
    Exhibit(open_session(checkout.root, lambda _: None)).show()
    index = data(checkout.preview, "data/index.js")
    assert index["orders"]["depth"] == ["基础", "进阶", "深入"]
    assert index["orders"]["kind"] == ["概念", "对比", "推导", "计算", "代码", "手撕", "系统设计", "开放题", "追问"]
    assert index["orders"]["level"] == ["GPU 已执行", "CPU 已执行", "仅模拟", "仅编译", "未运行"]
    for name, words in index["orders"].items():
        assert {row[name] for row in index["cards"] if name in row} <= set(words)


def test_a_card_is_the_face_filled_with_the_fields_of_its_note(checkout: Checkout) -> None:
    session = open_session(checkout.root, lambda _: None)
    Exhibit(session).show()
    front, back = data(checkout.preview, "cards/scale-why.js")
    assert "为什么不是除以维度？" in front
    assert "那样方差变成维度的倒数" not in front
    assert "那样方差变成维度的倒数" in back
    assert f'<style id="card-style">{faces()[0].css}</style>' in (checkout.preview / "index.html").read_text("utf-8")
    assert "先写，后取名" in data(checkout.preview, "data/texts.js")["transformer.scale.3"]


def test_every_back_has_a_link_that_reports_its_id_and_release(checkout: Checkout) -> None:
    table = checkout.root / "source" / "deck.yaml"
    for report in ("mailto:?subject=ProofDeck%20{id}%20{release}", "https://example.org/new?card={id}&v={release}"):
        table.write_text(f"report: {report}\n{TABLE}", encoding="utf-8")
        Exhibit(open_session(checkout.root, lambda _: None)).show()
        for key in ("scale", "scale-why", "shape"):
            front, back = data(checkout.preview, f"cards/{key}.js")
            wanted = report.replace("{id}", key).replace("{release}", __version__).replace("&", "&amp;")
            assert f'<a href="{wanted}">报错</a>' in back
            assert "报错" not in front


def test_problems_stand_with_their_card_and_line(checkout: Checkout) -> None:
    checkout.replace("related=scale", "related=nobody")
    session = open_session(checkout.root, lambda _: None)
    shown = Exhibit(session).show()
    rows = {row["key"]: row.get("problems", []) for row in data(checkout.preview, "data/index.js")["cards"]}
    (line,) = (n for n, text in enumerate(checkout.cards.read_text("utf-8").splitlines(), 1) if "nobody" in text)
    told = [at for _, _, at, text, _ in rows["shape"] if "nobody" in text]
    assert [at.rsplit(":", 1)[0] for at in told] == [f"source/transformer/scale.md:{line}"]
    assert "nobody" not in str(rows["scale"])
    assert sum(map(len, (rows[key] for key in ("scale", "shape", "transformer.scale.3")))) <= len(shown.problems)


def test_a_fault_of_the_whole_deck_is_shown_too(checkout: Checkout) -> None:
    (checkout.root / "source" / "deck.yaml").write_text(TABLE_WITHOUT_CARD, encoding="utf-8")
    session = open_session(checkout.root, lambda _: None)
    shown = Exhibit(session).show()
    index = data(checkout.preview, "data/index.js")
    of_cards = [each for row in index["cards"] if "parent" not in row for each in row.get("problems", [])]
    listed = index["problems"] + of_cards
    assert len(listed) == len(shown.problems) > 0
    assert index["problems"]


TABLE_WITHOUT_CARD = """sections:
  - id: transformer
    title: Transformer 与注意力
    topics:
      scale: [scale]
      other: [missing]
    colour: red
"""


def test_a_save_renews_its_own_card_and_what_is_gone_goes(checkout: Checkout) -> None:
    session = open_session(checkout.root, lambda _: None)
    exhibit = Exhibit(session)
    assert len(exhibit.show().changed) == 4
    assert exhibit.show().changed == ()
    checkout.replace("拆头之后是四维。", "拆头之后是四维张量。")
    assert exhibit.show().changed == ("shape",)
    again = open_session(checkout.root, lambda _: None)
    assert Exhibit(again).show().changed == ()
    checkout.replace("3) 还没有名字的题？\n\n- 标准答：先写，后取名。\n", "")
    exhibit.show()
    assert not (checkout.preview / "cards" / "transformer.scale.3.js").exists()
