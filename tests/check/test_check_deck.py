"""Rules over the whole deck, waivers, raw cards, and what is remembered between builds."""

from __future__ import annotations

from pathlib import Path

import pytest
from checked_deck import Check, corpus_of

from build_deck.check import check, unidentified
from build_deck.check.registry import WAIVABLE
from build_deck.memo import Memo
from build_deck.parse.corpus import load


def card(attributes: str, follow_up: str = "") -> str:
    asked = f"- 追问：问：二？答：二。 {{{follow_up}}}\n" if follow_up else ""
    return f"1) 甲？ {{{attributes}}}\n- 标准答：一。\n{asked}"


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ((card("#a") + card("#b"),), []),
        ((card("#a") + card("#a"),), ["4:8 C101 error"]),
        ((card("#a"), card("#a")), ["other:2:8 C101 error"]),
        ((card("#a", "#f") + card("#f"),), ["5:8 C101 error"]),
        ((card("#a", "#f"), card("#b", "#f")), ["other:4:16 C101 error"]),
        ((card("#a retired=1.0 use=b") + card("#a") + card("#b"),), ["4:8 C102 error"]),
        ((card("#a was=old") + card("#old"),), ["4:8 C103 error"]),
        ((card("#a was=old") + card("#b was=old"),), ["4:11 C103 error"]),
        ((card("#a was=a"),), ["2:11 C103 error"]),
        ((card("#a use=b") + card("#b"),), ["2:11 C104 error"]),
        ((card("#a retired=1.0"),), ["2:11 C104 warning"]),
    ],
)
def test_ids_are_given_once(checked: Check, texts: tuple[str, ...], wanted: list[str]) -> None:
    assert checked(*texts, only="C1") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (card("#a related=b,f") + card("#b", "#f"), []),
        (card("#a related=gone"), ["2:11 C501 error"]),
        (card("#a related=later"), ["2:11 C501 warning"]),
        (card("#a retired=1.0 use=gone"), ["2:23 C501 error"]),
        (card("#a related=a"), ["2:11 C502 error"]),
    ],
)
def test_mentioned_cards_exist(checked: Check, text: str, wanted: list[str]) -> None:
    assert checked(text, only="C5", planned=("later",)) == wanted


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("pic.svg", []),
        ("../../figures/pic.svg", []),
        ("gone.svg", ["3:12 C503 error"]),
        ("../../../outside.svg", ["3:12 C503 error"]),
        ("https://a.b/pic.svg", ["3:12 C504 error"]),
        ("/etc/passwd", ["3:12 C504 error"]),
    ],
)
def test_pictures_lie_in_the_project(checked: Check, tmp_path: Path, target: str, wanted: list[str]) -> None:
    (tmp_path.parent / "outside.svg").touch()
    for name in ("source/rag/pic.svg", "figures/pic.svg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    assert checked(f"1) 甲？ {{#a}}\n- 标准答：![图]({target})\n", only="C5") == wanted


LONG = "字" * 151


@pytest.mark.parametrize(
    ("waive", "wanted"),
    [
        ("C301: 定义如此; C303: 入门题", []),
        ("C303: 入门题", ["3:7 C301 error"]),
        ("C301: 长；C303: 短；C304: 多余", ["2:11 C802 warning"]),
        ("C301: 长; C303: 短; C201: 不行", ["2:11 C801 error"]),
        ("C301: 长; C303: 短; X999: 没有", ["2:11 C801 error"]),
    ],
)
def test_waivers(checked: Check, waive: str, wanted: list[str]) -> None:
    assert checked(f'1) 甲？ {{#a waive="{waive}"}}\n- 标准答：{LONG}\n') == wanted


def test_every_waivable_code_is_given_by_a_rule(project: Path) -> None:
    rules = "".join(path.read_text(encoding="utf-8") for path in (project / "build_deck/check/rules").glob("*.py"))
    assert [code for code in WAIVABLE if f'"{code}"' not in rules] == []


def test_a_card_without_id_is_warned_never_stopped(checked: Check) -> None:
    raw = f"1) 甲？\n- 标准答：{LONG} $x\n![图](gone.svg)\n"
    assert checked(raw) == ["3:7 C301 warning", "3:159 C401 warning", "4:6 C503 warning"]
    missing = unidentified(corpus_of(raw))
    assert [(item.code, item.span.line, item.span.col, item.severity) for item in missing] == [("K001", 2, 4, "error")]


def test_what_was_found_is_remembered_and_moves_with_its_card(tmp_path: Path) -> None:
    memo = Memo(tmp_path / "memo", "1")
    text = f"1) 甲？ {{#a}}\n- 标准答：{LONG}\n"
    check(corpus_of(text), tmp_path, memo)
    memo.save()
    again = Memo(tmp_path / "memo", "1")
    moved = corpus_of("\n\n" + text)
    assert again.get("check:" + moved.cards[0].digest) is not None
    found = check(moved, tmp_path, again)
    assert found == check(moved, tmp_path)
    assert [(item.code, item.span.line, item.span.end_line) for item in found] == [("C303", 4, 4), ("C301", 5, 5)]


def test_the_shipped_deck_has_no_error(project: Path) -> None:
    corpus, _ = load(project)
    assert [str(item) for item in check(corpus, project) if item.severity == "error"] == []
