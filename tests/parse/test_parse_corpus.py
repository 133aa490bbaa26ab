"""`source/` as a whole: which files are read, in which order, and what `deck.yaml` says about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_deck.memo import Memo
from build_deck.parse.corpus import load

TABLE = """\
sections:
  - id: rag
    title: 检索
    topics:
      second: [b-one]
      first: [a-one, a-two]
  - id: agent
    title: Agent
"""


def card(name: str) -> str:
    return f"1) {name}？ {{#{name}}}\n- 标准答：是。\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small deck without a fault."""
    files = {
        "deck.yaml": TABLE,
        "rag/first.md": "# 甲\n" + card("a-one") + card("a-two"),
        "rag/second.md": "# 乙\n" + card("b-one"),
        "rag/unlisted.md": "# 丙\n" + card("c-one"),
        "agent/tools.md": "# 丁\n1) 没有 id？\n- 标准答：是。\n",
        "rag/.draft.md": "\xff",
        "rag/picture.svg": "<svg/>",
        "GLOSSARY.md": "# 术语",
    }
    for name, text in files.items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="latin-1" if name.startswith("rag/.") else "utf-8")
    return tmp_path


def found(root: Path) -> list[str]:
    return [f"{item.span} {item.code} {item.severity}" for item in load(root)[1]]


def test_topics_come_in_the_order_of_the_table(root: Path) -> None:
    corpus, problems = load(root)
    assert problems == ()
    assert [topic.id for topic in corpus.topics] == ["rag/second", "rag/first", "rag/unlisted", "agent/tools"]
    assert [item.id for item in corpus.cards] == ["b-one", "a-one", "a-two", "c-one", None]
    assert corpus.sections[0].topics == (("rag/second", ("b-one",)), ("rag/first", ("a-one", "a-two")))


def test_the_memo_gives_the_same_records_and_notices_an_edit(root: Path) -> None:
    memo = Memo(root / "memo", "1")
    first = load(root, memo)
    memo.save()
    again = Memo(root / "memo", "1")
    assert load(root, again) == first
    (root / "source/rag/second.md").write_text("# 乙\n" + card("b-one") + "- 展开：新\n", encoding="utf-8")
    changed, _ = load(root, again)
    assert [old.digest == new.digest for old, new in zip(first[0].cards, changed.cards, strict=True)] == [
        False, True, True, True, True,
    ]  # fmt: skip


def test_a_card_in_another_file_than_the_table_says(root: Path) -> None:
    (root / "source/rag/second.md").write_text("# 乙\n" + card("a-one") + card("new-one"), encoding="utf-8")
    assert found(root) == ["source/rag/second.md:2:12 P106 error", "source/rag/second.md:4:14 P107 warning"]


def test_files_outside_the_sections(root: Path) -> None:
    for name in ("loose.md", "vision/x.md", "rag/deep/x.md", "rag/Two Words.md"):
        path = root / "source" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("# 戊\n", encoding="utf-8")
    assert found(root) == [
        "source/loose.md:1:1 P004 error",
        "source/rag/Two Words.md:1:1 P005 error",
        "source/rag/deep/x.md:1:1 P004 error",
        "source/vision/x.md:1:1 P004 error",
    ]


def test_a_file_that_is_no_text(root: Path) -> None:
    (root / "source/rag/second.md").write_bytes("# 乙\n\n甲".encode() + b"\xff")
    assert "source/rag/second.md:3:2 P001 error" in found(root)


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ("", ["1:1 P102"]),
        ("sections: @", ["1:11 P101"]),
        ("- a", ["1:1 P102"]),
        ("section: []", ["1:1 P102", "1:1 P102"]),
        ("sections:\n  - {id: rag}", ["2:5 P102"]),
        ("sections:\n  - {id: rag, title: 检索, colour: red}", ["2:26 P102"]),
        ("sections:\n  - {id: RAG, title: 检索}", ["2:10 P102"]),
        ("sections:\n  - {id: vision, title: 视觉}", ["2:10 P105"]),
        ("sections:\n  - {id: rag, title: a}\n  - {id: rag, title: b}", ["3:10 P103"]),
        ("sections:\n  - {id: rag, id: rag, title: a}", ["2:15 P103"]),
        ("sections:\n  - {id: rag, title: [a]}", ["2:22 P102"]),
        ("sections:\n  - {id: rag, title: a, topics: [b]}", ["2:33 P102"]),
        ("sections:\n  - {id: rag, title: a, topics: {b: [c, c]}}", ["2:41 P104"]),
        ("sections:\n  - {id: rag, title: a, topics: {b: c, d: [E]}}", ["2:37 P102", "2:44 P102"]),
        ("sections:\n  - {id: rag, title: a, topics: {b: [], b: []}}", ["2:41 P103"]),
        ("sections: []\nreport: https://example.org/?q={id}", ["2:9 P108"]),
        ("sections: []\nreport: http://example.org/?q={id}&v={release}", ["2:9 P108"]),
        ("sections: []\nreport: javascript:alert('{id}{release}')", ["2:9 P108"]),
        ("sections: []\nreport: 'mailto:?subject={id} {release}'", ["2:9 P108"]),
        ("sections: []\nreport: https://example.org/{id}/{release}/{{Answer}}", ["2:9 P108"]),
        ("sections: []\nreport: [a]", ["2:9 P102"]),
    ],
)
def test_faults_of_the_table_have_their_place(tmp_path: Path, table: str, wanted: list[str]) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/deck.yaml").write_text(table, encoding="utf-8")
    problems = load(tmp_path)[1]
    assert [f"{item.span.line}:{item.span.col} {item.code}" for item in problems] == wanted
    assert all(item.hint and item.span.path == "source/deck.yaml" for item in problems)


@pytest.mark.parametrize("address", ["mailto:?subject={id}%20{release}", "https://example.org/new?a={id}&b={release}"])
def test_an_address_for_reports(root: Path, address: str) -> None:
    with (root / "source/deck.yaml").open("a", encoding="utf-8") as table:
        table.write(f"\nreport: {address}\n")
    corpus, _ = load(root)
    assert corpus.report == address


def test_a_checkout_without_a_table(tmp_path: Path) -> None:
    assert found(tmp_path) == ["source/deck.yaml:1:1 P101 error"]


def test_the_shipped_deck_parses_without_an_error(project: Path) -> None:
    corpus, problems = load(project)
    assert corpus.cards
    assert [str(item) for item in problems if item.severity == "error"] == []
