"""Listings of a cell: what is an assertion says so, and reads as code wherever its part was cut off."""

from __future__ import annotations

import pytest
from render_builders import card, cell
from selectolax.lexbor import LexborHTMLParser

from build_deck.model.card import CellPart, Part, Role
from build_deck.render.evidence import Proof, cell_html
from build_deck.render.markdown import Typesetter

LOOP = "for n in (1, 2):  # 每个\n    x = n\n"
BLOCKS = "with nothing():\n    if x:\n        y = x\n"


def shown(role: Role, *parts: tuple[Part, str]) -> tuple[list[str], list[str]]:
    """The labels of a cell's listings, and the listings."""
    of = cell(
        "".join(source for _, source in parts), role=role,
        parts=tuple(CellPart(part=part, source=source) for part, source in parts),
    )  # fmt: skip
    page = LexborHTMLParser(cell_html(of, Proof.of(card("问"), None), Typesetter({})))
    labels, listings = ([node.text() for node in page.css(selector)] for selector in (".what", ".hl"))
    return labels, listings


@pytest.mark.parametrize(
    ("above", "asserted", "wanted"),
    [
        ("x = 1\n", "assert x\n", "assert x"),
        (LOOP, "    assert x == n\nassert x == 2\n", "for n in (1, 2):  # 每个\n    assert x == n\nassert x == 2"),
        (BLOCKS, "        assert y\n", "with nothing():\n    if x:\n        assert y"),
        ("y = f(\n    1,\n", "    2)\n", "    2)"),
    ],
    ids=["a statement", "a loop", "two blocks", "no block"],
)
@pytest.mark.parametrize("part", [Part.SHOW, Part.HIDE])
def test_an_assertion_within_a_block_stands_under_what_opens_it(
    part: Part, above: str, asserted: str, wanted: str
) -> None:
    labels, listings = shown(Role.CELL, (part, above), (Part.CHECK, asserted))
    assert labels == ["断言"]
    assert listings == [above.rstrip("\n")] * (part is Part.SHOW) + [wanted]


@pytest.mark.parametrize("role", [Role.CELL, Role.SOLUTION])
def test_code_is_not_labelled_as_code(role: Role) -> None:
    labels, listings = shown(role, (Part.SHOW, "x = 1\n"), (Part.CHECK, "assert x\n"), (Part.SHOW, "y = 2\n"))
    assert labels == ["断言"]
    assert listings == ["x = 1", "assert x", "y = 2"]


def test_short_tests_say_that_they_are() -> None:
    assert shown(Role.TESTS, (Part.SHOW, "def test_x():\n    pass\n")) == (["测试"], ["def test_x():\n    pass"])
