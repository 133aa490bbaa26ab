"""What a release refuses: each fault, its code and its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from build_deck.memo import Memo
from build_deck.model.note import Face, Media, NoteType, RenderedNote
from build_deck.model.problem import Problem
from build_deck.pack import Ledger, LedgerLine, assemble
from build_deck.pack.ledger import BIRTH, guid
from tests.deck.sample import FACES, NOW, books, note, parts, png

GOOD = note("kv-cache")
IMAGE = png(1)


def problems(*notes: RenderedNote, media: tuple[Media, ...] = (), ledger: Ledger | None = None) -> tuple[Problem, ...]:
    return assemble(parts(notes, media), books(ledger or Ledger()))[1]


def line(name: str, kind: NoteType = NoteType.QUESTION, **changes: object) -> LedgerLine:
    made = LedgerLine(id=name, type=kind.value, guid=guid(name), hash="0" * 64, mod=BIRTH + 9, since="1.0.0")
    return replace(made, **changes)  # type: ignore[arg-type]


def ledger(*lines: LedgerLine) -> Ledger:
    return Ledger(lines={item.id: item for item in lines})


def test_a_sound_release_has_no_problem() -> None:
    shown = note(
        "mqa", Figure=f'<img src="{IMAGE.name}">', Answer="<p>\\(a&lt;b\\) 1 &lt; 2</p><ul><li>x<br/></li></ul>"
    )
    assert problems(GOOD, shown, media=(IMAGE, IMAGE)) == ()


@pytest.mark.parametrize(
    ("bad", "code", "says"),
    [
        (note(""), "K001", "without an id"),
        (note("kv-cache-2", was="kv-cache"), "K202", "share one guid"),
        (note("blank", Question=" <br> &nbsp;"), "K206", "blank would have no card"),
        (note("maths", Answer="<p>\\(a<b\\) 吞掉</p>"), "K207", "'<b\\\\) 吞掉"),
        (note("code", Answer="<pre>vector<float> x</pre>"), "K207", "'<float> x"),
        (replace(note("tag"), tags=("LLM面试::KV cache",)), "K208", "'LLM面试::KV cache'"),
        (replace(note("tag"), tags=("推理",)), "K208", "'推理'"),
        (replace(note("lost"), section="databases"), "K209", "databases"),
        (note("image", Answer='<img alt="图" src="gone.png">'), "K303", "gone.png"),
        (replace(note("image"), media=("gone.svg",)), "K303", "gone.svg"),
        (note("image", Answer='<img src="https://example.org/a.png">'), "K303", "https://example.org/a.png"),
    ],
)
def test_each_fault_of_a_note_is_reported_at_its_question(bad: RenderedNote, code: str, says: str) -> None:
    found = problems(GOOD, bad)
    assert {problem.code for problem in found} == {code}
    assert says in found[-1].text
    assert (found[-1].span.path, found[-1].span.line) == ("source/inference/kv-cache.md", 2)


def test_all_faults_are_reported_at_once() -> None:
    bad = note("bad", Question="", Answer="<b<", Figure='<img src="gone.png">')
    assert [problem.code for problem in problems(GOOD, bad)] == ["K206", "K207", "K303"]


def test_a_note_with_another_number_of_fields_is_a_bug() -> None:
    with pytest.raises(ValueError, match="has 15 fields"):
        problems(replace(GOOD, fields=GOOD.fields[:-1]))


@pytest.mark.parametrize(
    ("front", "filled", "code"),
    [
        ("{{Question}}", "Question", None),
        ("{{#Stub}}{{Question}}{{/Stub}}", "Question", "K206"),
        ("{{^Stub}}{{Question}}{{/Stub}}", "Question", None),
        ("{{#Question}}题{{/Question}}", "Question", "K206"),
        ("{{#Question}}{{^Stub}}{{/Stub}}{{text:Question}}{{/Question}}", "Question", None),
    ],
)
def test_a_card_comes_of_a_front_that_shows_a_field(front: str, filled: str, code: str | None) -> None:
    faces = tuple(Face(note_type=kind, front=front, back="", css="") for kind in NoteType)
    found = assemble(parts([note("q", **{filled: "有字"})], faces=faces), books(Ledger()))[1]
    assert [problem.code for problem in found] == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("media", "code"),
    [
        ((Media(name="a.png", data=b"1"), Media(name="a.png", data=b"2")), "K301"),
        ((Media(name="a.png", data=b"1"), Media(name="A.png", data=b"1")), "K301"),
        ((Media(name="../a.png", data=b"1"),), "K302"),
        ((Media(name="图.png", data=b"1"),), "K302"),
    ],
)
def test_media_names_are_portable_and_stand_for_one_content(media: tuple[Media, ...], code: str) -> None:
    assert [problem.code for problem in problems(GOOD, media=media)] == [code]


def test_only_media_that_a_note_shows_are_packed() -> None:
    shown = note("mqa", Figure=f'<img src="{IMAGE.name}">')
    release, _ = assemble(parts([shown], (png(2), IMAGE, IMAGE)), books(Ledger()))
    assert release.media == (IMAGE,)


def test_notes_are_in_the_order_in_which_they_are_learnt() -> None:
    release, _ = assemble(parts([note("b", place=10), note("a", place=9), note("c", place=1)]), books(Ledger()))
    assert [item.id for item in release.notes] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("known", "code", "says"),
    [
        (line("kv-cache", NoteType.KATA), "K203", "was released as kata and is now question"),
        (line("gone"), "K204", "gone was released in 1.0.0 and is gone"),
        (line("gone", retired="1.1.0"), None, ""),
        (line("kv-cache", mod=NOW + 60), "K104", "61 s in the future"),
    ],
)
def test_a_release_keeps_what_was_released(known: LedgerLine, code: str | None, says: str) -> None:
    found = problems(GOOD, ledger=ledger(known))
    assert [problem.code for problem in found] == ([] if code is None else [code])
    assert all(says in problem.text for problem in found)


def test_a_rename_is_the_released_note() -> None:
    assert problems(note("kv-cache-size", was="kv-cache"), ledger=ledger(line("kv-cache"))) == ()


def test_what_was_examined_is_remembered_and_still_reported(tmp_path: Path) -> None:
    bad = note("maths", Answer="\\(a<b\\)", Figure='<img src="gone.png">')
    for _ in range(2):
        memo = Memo(tmp_path / "memo", "1")
        found = assemble(parts([GOOD, bad]), books(Ledger()), memo)[1]
        assert [problem.code for problem in found] == ["K207", "K303"]
        memo.save()
    assert assemble(parts([GOOD, bad], [Media(name="gone.png", data=b"")]), books(Ledger()), memo)[1] == found[:1]


def test_a_changed_face_is_examined_again(tmp_path: Path) -> None:
    memo = Memo(tmp_path / "memo", "1")
    assert assemble(parts([GOOD]), books(Ledger()), memo)[1] == ()
    hidden = tuple(replace(face, front="{{Stub}}") for face in FACES)
    assert [item.code for item in assemble(parts([GOOD], faces=hidden), books(Ledger()), memo)[1]] == ["K206"]
