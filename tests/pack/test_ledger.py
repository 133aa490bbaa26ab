"""Identity and modification times: who a note is, and how new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from build_deck.ids import DECK_ROOT_ID, DECKS, FIELD_IDS, NOTE_TYPES, TEMPLATE_IDS
from build_deck.model.note import FIELDS, NoteType
from build_deck.pack import Drafts, Ledger, LedgerLine, load_drafts, load_ledger, next_drafts, save_drafts, write_ledger
from build_deck.pack.ledger import BIRTH, face_digest, guid, note_digest, stamp
from tests.deck.sample import FACES, NOW, edited, note

RELEASED = LedgerLine(id="mqa", type="question", guid=guid("mqa"), hash="r", mod=BIRTH + 700, since="1.0.0")


def test_a_guid_never_changes() -> None:
    """These were given to learners: another hash would double every card."""
    assert guid("attn-scale-sqrt-dk") == "LHULlraC6Ph73h2P"
    assert guid("mha-handwrite") == "Oa_iJOiXp7f8d-f4"


def test_ids_are_distinct() -> None:
    every = [DECK_ROOT_ID, *(item[0] for item in DECKS), *(item[0] for item in NOTE_TYPES.values())]
    every += [*TEMPLATE_IDS.values(), *(key for keys in FIELD_IDS.values() for key in keys)]
    assert len(set(every)) == len(every)
    assert all(len(keys) == len(FIELDS) for keys in FIELD_IDS.values())


def test_the_ledger_comes_back_as_written_and_sorted(tmp_path: Path) -> None:
    lines = [replace(RELEASED, id="旧", type="", retired="1.2.0"), RELEASED]
    write_ledger(tmp_path / "ledger.jsonl", lines)
    ledger, problems = load_ledger(tmp_path / "ledger.jsonl")
    assert problems == ()
    assert list(ledger.lines.values()) == [RELEASED, lines[0]]
    assert ledger.head == BIRTH + 700


def test_no_ledger_is_an_empty_one(tmp_path: Path) -> None:
    assert load_ledger(tmp_path / "none")[0] == Ledger()
    assert Ledger().head == BIRTH < NOW


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "K101"),
        ("[]", "K101"),
        ('{"id": "a"}', "K101"),
        (
            '{"id": "a", "type": "question", "guid": "g", "hash": "h", "mod": "1", "since": "1", "retired": null}',
            "K101",
        ),
        ('{"id": "a", "type": "question", "guid": "g", "hash": "h", "mod": 1, "since": "1", "retired": null}', "K103"),
    ],
)
def test_a_bad_line_is_reported_where_it_stands(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "ledger.jsonl"
    write_ledger(path, [RELEASED])
    path.write_text(path.read_text("utf-8") + text + "\n", "utf-8")
    ((problem),) = load_ledger(path)[1]
    assert (problem.code, problem.span.path, problem.span.line) == (code, "source/ledger.jsonl", 2)


def test_an_id_stands_in_the_ledger_once(tmp_path: Path) -> None:
    write_ledger(tmp_path / "ledger.jsonl", [RELEASED, replace(RELEASED, mod=BIRTH + 1)])
    ledger, problems = load_ledger(tmp_path / "ledger.jsonl")
    assert [problem.code for problem in problems] == ["K102"]
    assert ledger.lines == {"mqa": RELEASED}


def test_a_note_counts_up_with_each_different_build() -> None:
    ledger = Ledger(lines={"mqa": RELEASED})
    drafts = Drafts(head=ledger.head)
    mods = []
    for digest in ("r", "r", "x", "x", "y", "x", "r", "r"):
        made = stamp("mqa", digest, ledger, drafts)
        mods.append(made.mod - ledger.head)
        drafts = next_drafts({"mqa": made}, drafts)
    assert mods == [0, 0, 1, 1, 2, 3, 4, 4]


def test_a_note_that_is_not_released_is_newer_than_every_released_one() -> None:
    ledger = Ledger(lines={"mqa": RELEASED, "old": replace(RELEASED, id="old", mod=BIRTH + 1)})
    assert stamp("new", "d", ledger, Drafts(head=ledger.head)).mod == BIRTH + 701
    assert stamp("old", "d", ledger, Drafts(head=ledger.head)).mod == BIRTH + 701


def test_other_notes_of_other_branches_are_remembered() -> None:
    drafts = Drafts(head=BIRTH, seen={"elsewhere": ("d", 3)})
    made = stamp("here", "d", Ledger(), drafts)
    assert next_drafts({"here": made}, drafts).seen == {"elsewhere": ("d", 3), "here": ("d", 1)}


def test_drafts_are_kept_until_the_ledger_moves_on(tmp_path: Path) -> None:
    path, drafts = tmp_path / "drafts.json", Drafts(head=BIRTH, seen={"mqa": ("d", 2)})
    save_drafts(path, drafts)
    assert load_drafts(path, Ledger()) == drafts
    assert load_drafts(path, Ledger(lines={"mqa": RELEASED})) == Drafts(head=BIRTH + 700)


@pytest.mark.parametrize("text", ["", "[]", '{"head": 1', '{"head": 1767225600, "seen": {"a": 1}}'])
def test_torn_drafts_are_those_of_a_fresh_clone(tmp_path: Path, text: str) -> None:
    (tmp_path / "drafts.json").write_text(text)
    assert load_drafts(tmp_path / "drafts.json", Ledger()) == Drafts(head=BIRTH)


def test_a_digest_covers_what_an_import_replaces() -> None:
    first = note("mqa")
    same = replace(first, section="rag", order=(9,), media=("a.png",), tags=first.tags[::-1])
    assert note_digest(same) == note_digest(first)
    others = [edited(first, Meta="x"), edited(first, Spare2="x"), replace(first, tags=first.tags[:1])]
    assert len({note_digest(item) for item in (first, *others)}) == 4
    face = FACES[0]
    changed = [replace(face, css=""), replace(face, front=""), replace(face, note_type=NoteType.KATA)]
    assert len({face_digest(item) for item in (face, *changed)}) == 4
