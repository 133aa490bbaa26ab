"""The `Cells` field comes with a deck: what the pipeline writes is read to the byte, everything else is refused."""

from __future__ import annotations

import base64
import time
import zlib
from pathlib import Path

import pytest
from cells_text import HOSTILE, entry, field, squeezed
from hypothesis import given, settings
from hypothesis import strategies as any_
from staged import Core

from build_deck import render, run
from build_deck.parse import corpus as parse


def test_every_card_of_the_deck_is_read_to_the_byte(core: Core, project: Path) -> None:
    corpus, _ = parse.load(project)
    ground = run.Ground.at(project)
    evidence = run.load_evidence(corpus, ground)
    count = 0
    for card in corpus.cards:
        text = render.encode_cells(card, evidence.get(card.id or ""))
        if not text:
            continue
        read = core.note.decode(text)
        cells = [cell for cell in card.cells if cell.role.value != "static"]
        assert [cell.source for cell in read.cells] == [cell.source for cell in cells]
        assert [(cell.needs, cell.inputs, cell.timeout) for cell in read.cells] == [
            (cell.needs, cell.inputs, cell.timeout) for cell in cells
        ]
        count += len(cells)
    assert count > 90


def test_what_is_missing_has_a_default_and_what_was_recorded_is_kept(core: Core) -> None:
    bare, full = core.note.decode(
        field(entry("a", "x = 1"), entry("b", "", stdout="", level="executed-cpu", figure="图", result={"n": [1, 2.5]}))
    ).cells
    assert (bare.stdout, bare.needs, bare.raises, bare.figure, bare.result) == (None, (), "", "", None)
    assert (full.stdout, full.level, full.figure, full.result) == ("", "executed-cpu", "图", {"n": [1, 2.5]})


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_anything_else_is_refused_at_once(core: Core, text: str) -> None:
    began = time.thread_time()
    with pytest.raises(core.note.NoteError):
        core.note.decode(text)
    assert time.thread_time() - began < 0.1  # the window waits for it


def test_the_largest_field_that_is_read_is_read_at_once(core: Core) -> None:
    source = "x = [" + ",".join(map(str, range(600))) + "]"
    text = field(*(entry(f"c{n}", source, result=[{}] * 300) for n in range(64)))
    assert 200_000 < len(zlib.decompress(base64.b64decode(text))) <= core.note.LONGEST_TEXT
    began = time.thread_time()
    assert len(core.note.decode(text).cells) == 64
    assert time.thread_time() - began < 0.1


def test_a_newer_deck_is_told_from_a_broken_one(core: Core) -> None:
    with pytest.raises(core.note.NewerError):
        core.note.decode(field(entry("a", "1"), version=2))


@settings(max_examples=300, deadline=None)
@given(data=any_.binary(max_size=200), cut=any_.integers(0, 200))
def test_no_bytes_do_harm(core: Core, data: bytes, cut: int) -> None:
    honest = field(entry("a", "print(1)"))
    for text in (squeezed(data), data.decode("latin-1"), honest[:cut] + data.decode("latin-1") + honest[cut:]):
        try:
            core.note.decode(text)
        except core.note.NoteError:
            continue


JSON = any_.recursive(
    any_.none() | any_.booleans() | any_.floats() | any_.integers() | any_.text(max_size=5),
    lambda inner: any_.lists(inner, max_size=3) | any_.dictionaries(any_.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(changes=any_.dictionaries(any_.sampled_from(["id", "role", "source", "env", "timeout", "needs", "raises",
                                                    "inputs", "ready", "figure", "stdout", "level", "result",
                                                    "compare", "language", "rtol"]), JSON, max_size=4))  # fmt: skip
def test_no_value_of_a_cell_does_harm(core: Core, changes: dict[str, object]) -> None:
    try:
        text = field({**entry("a", "print(1)"), **changes})
    except UnicodeEncodeError:
        return
    try:
        (cell,) = core.note.decode(text).cells
    except core.note.NoteError:
        return
    assert isinstance(cell.source, str)
    assert len(cell.digest) == 64


def test_the_digest_is_that_of_the_packaging(core: Core) -> None:
    from build_deck.pack import known  # noqa: PLC0415  (one line of the pipeline)

    text = field(entry("a", "x = 1", inputs=["source/a.py"], ready="http://127.0.0.1:1/"), entry("b", "", result=[1]))
    assert {cell.digest for cell in core.note.decode(text).cells} == known([text])
