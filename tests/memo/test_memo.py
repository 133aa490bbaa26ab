"""What is remembered comes back equal, is computed again when it is torn, and is forgotten when nobody asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_deck.memo import Memo
from build_deck.model.card import Kind
from build_deck.model.note import Media, NoteType, RenderedNote
from build_deck.model.span import Span
from build_deck.parse.topic import parse_topic

CARD = "# 题\n\n1) 为什么？ {#why kind=kata}\n\n- 标准答：$a<b$\n\n```python {.solution}\nx = 1\n```\n"


@pytest.mark.parametrize(
    "value",
    [
        Span("source/a.md", 1),
        parse_topic(CARD, "source/rag/a.md", "rag"),
        ((Media(name="a.png", data=b"\0"),), {"k": (Kind.KATA, None, 1.5)}, NoteType.KATA, RenderedNote),
    ],
    ids=["span", "topic", "mixed"],
)
def test_a_value_comes_back_equal(tmp_path: Path, value: object) -> None:
    memo = Memo(tmp_path / "memo", "1")
    memo.put("key", value)
    assert memo.get("key") == value
    memo.save()
    assert Memo(tmp_path / "memo", "1").get("key") == value


def test_records_that_come_back_are_frozen(tmp_path: Path) -> None:
    memo = Memo(tmp_path / "memo", "1")
    memo.put("key", Span("a", 1))
    memo.save()
    with pytest.raises(AttributeError):
        Memo(tmp_path / "memo", "1").get("key").line = 2


def test_what_was_not_asked_for_is_forgotten(tmp_path: Path) -> None:
    first = Memo(tmp_path / "memo", "1")
    first.put("kept", 1)
    first.put("dropped", 2)
    first.save()
    second = Memo(tmp_path / "memo", "1")
    assert second.get("kept") == 1
    second.put("new", 3)
    second.save()
    third = Memo(tmp_path / "memo", "1")
    assert [third.get(key) for key in ("kept", "new", "dropped")] == [1, 3, None]


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:40] + b"x" + data[41:], lambda _: b""])
def test_a_damaged_or_foreign_memo_is_empty(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "memo"
    memo = Memo(path, "1")
    memo.put("key", 1)
    memo.save()
    assert Memo(path, "2").get("key") is None
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert Memo(path, "1").get("key") is None
