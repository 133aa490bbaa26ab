"""Bytes → text: marks, line ends, and bytes that are no text."""

from __future__ import annotations

from build_deck.parse.faults import Faults
from build_deck.parse.source import decode, dedent, indent_of, read_source
from build_deck.parse.topic import parse_topic

PATH = "source/rag/raw.md"


def decoded(data: bytes) -> tuple[str, list[str]]:
    faults = Faults()
    return decode(data, PATH, faults), [f"{item.span.line}:{item.span.col} {item.text}" for item in faults.found()]


def test_byte_order_mark_and_line_ends_are_normalised() -> None:
    text, faults = decoded(b"\xef\xbb\xbf# a\r\nb\rc\n")
    assert faults == []
    assert read_source(text, PATH, Faults()).lines == ("# a", "b", "c", "")


def test_line_and_paragraph_separators_end_no_line() -> None:
    assert read_source("a\u2028b\x85c", PATH, Faults()).lines == ("a\u2028b\x85c",)


def test_invalid_utf_8_has_its_byte_offset_and_the_rest_is_read() -> None:
    text, faults = decoded("甲\n乙".encode() + b"\xff" + "丙".encode("gbk") + b"\n\xc3")
    assert faults == [
        "2:2 invalid UTF-8 at byte 7: 0xff",
        "2:3 invalid UTF-8 at byte 8: 0xb1",
        "2:4 invalid UTF-8 at byte 9: 0xfb",
        "3:1 invalid UTF-8 at byte 11: 0xc3",
    ]
    assert text == "甲\n乙\ufffd\ufffd\ufffd\n\ufffd"


def test_a_binary_file_ends_after_a_few_faults() -> None:
    text, faults = decoded(b"\xff" * 5000)
    assert len(faults) < 30
    assert len(text) == 5000


def test_nul_has_its_byte_offset() -> None:
    _, problems = parse_topic("# 题\n甲\x00乙", PATH, "rag")
    found = [item for item in problems if item.code == "P002"]
    assert [(item.span.line, item.span.col, item.text) for item in found] == [
        (2, 2, "control character U+0000 at byte 9")
    ]


def test_dedent_keeps_the_place_of_every_character() -> None:
    assert dedent("    x", 2) == ("  x", 2)
    assert dedent(" x", 4) == ("x", 1)
    text, col = dedent("\tx", 2)
    assert (text, col + text.index("x")) == ("  x", 1)
    assert (indent_of("  \tx"), indent_of("x")) == (4, 0)
