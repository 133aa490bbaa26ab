"""What an import of a rebuilt deck changes in a learner's collection: the edited note, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from build_deck import ids
from build_deck.model.note import FIELDS, Face, NoteType
from build_deck.pack import LedgerLine, write_ledger
from build_deck.pack.ledger import BIRTH, guid
from tests.deck.anki_collection import Arrival, bring, faults, opened, progress, study, texts
from tests.deck.sample import FACES, WorkingCopy, edited, note, png

pytestmark = pytest.mark.anki

FIGURE = png(90)
NOTES = (
    note("kv-cache", place=2, Answer="<p>缓存 K、V：\\(a&lt;b\\)</p>"),
    note("mqa-gqa", place=1, Figure=f'<img src="{FIGURE.name}" alt="图">'),
    note("mha", place=3, kind=NoteType.KATA, Stub="<code>def f(): ...</code>"),
    note("why-kv", place=4, kind=NoteType.FOLLOW_UP, Context="<p>上文</p>"),
)


@pytest.fixture
def copy(tmp_path: Path) -> WorkingCopy:
    return WorkingCopy(root=tmp_path / "copy", media=(FIGURE, png(91)))


@pytest.fixture
def learner(tmp_path: Path) -> Path:
    return tmp_path / "learner"


def test_the_first_import_brings_every_note_its_card_and_its_media(copy: WorkingCopy, learner: Path) -> None:
    assert bring(learner, copy.build(*NOTES)) == Arrival(new=4)
    with opened(learner) as collection:
        assert faults(collection) == []
        assert (Path(collection.media.dir()) / FIGURE.name).read_bytes() == FIGURE.data
        order = "select n.flds from cards c join notes n on n.id = c.nid order by c.due"
        shown = [str(row[0]).split("\x1f")[0] for row in collection.db.all(order)]
        assert shown == ["mqa-gqa", "kv-cache", "mha", "why-kv"]
        sort_field = collection.db.scalar("select sfld from notes where guid = ?", guid("kv-cache"))
        assert sort_field == "第 2 题：kv-cache？"


def test_each_section_lies_in_its_deck_and_decks_have_a_description(copy: WorkingCopy, learner: Path) -> None:
    homes = {section: f"{ids.DECK_ROOT}::{name}" for _, name, sections in ids.DECKS for section in sections}
    bring(learner, copy.build(*(replace(note(section), section=section) for section in homes)))
    with opened(learner) as collection:
        for section, home in homes.items():
            (card_id,) = collection.find_cards(f"Id:{section}")
            assert collection.decks.name(collection.get_card(card_id).did) == home
        assert all(collection.decks.by_name(home)["desc"] for home in {*homes.values(), ids.DECK_ROOT})


def test_note_types_keep_the_ids_of_their_fields_and_template(copy: WorkingCopy, learner: Path) -> None:
    bring(learner, copy.build(*NOTES))
    with opened(learner) as collection:
        for note_type, (model_id, name) in ids.NOTE_TYPES.items():
            model = collection.models.get(model_id)
            assert model["name"] == name
            assert [field["name"] for field in model["flds"]] == list(FIELDS)
            assert [field["id"] for field in model["flds"]] == list(ids.FIELD_IDS[note_type])
            assert [template["id"] for template in model["tmpls"]] == [ids.TEMPLATE_IDS[note_type]]
            assert model["flds"][model["sortf"]]["name"] == "Question"


def test_importing_twice_is_importing_once(copy: WorkingCopy, learner: Path) -> None:
    package = copy.build(*NOTES)
    bring(learner, package)
    assert bring(learner, package) == Arrival(duplicate=4)
    assert bring(learner, copy.build(*NOTES)) == Arrival(duplicate=4)


def test_each_edit_reaches_exactly_its_note_and_keeps_its_schedule(copy: WorkingCopy, learner: Path) -> None:
    bring(learner, copy.build(*NOTES))
    with opened(learner) as collection:
        before = {item.id: progress(collection, item.id) for item in NOTES}
        before["kv-cache"] = study(collection, "kv-cache")
    first, *rest = NOTES
    for answer in ("<p>第一次改</p>", "<p>第二次改</p>", first.fields[FIELDS.index("Answer")]):
        package = copy.build(edited(first, Answer=answer), *rest)
        assert bring(learner, package) == Arrival(updated=1, duplicate=3), answer
        with opened(learner) as collection:
            assert texts(collection, "Answer")["kv-cache"] == answer
            assert {item.id: progress(collection, item.id) for item in NOTES} == before


def test_a_changed_tag_is_an_update(copy: WorkingCopy, learner: Path) -> None:
    bring(learner, copy.build(*NOTES))
    retagged = replace(NOTES[0], tags=(f"{ids.TAG_ROOT}::难度::3",))
    assert bring(learner, copy.build(retagged, *NOTES[1:])) == Arrival(updated=1, duplicate=3)
    with opened(learner) as collection:
        (note_id,) = collection.find_notes("Id:kv-cache")
        assert collection.get_note(note_id).tags == [f"{ids.TAG_ROOT}::难度::3"]


def test_a_learners_own_edit_of_another_note_survives_an_update(copy: WorkingCopy, learner: Path) -> None:
    bring(learner, copy.build(*NOTES))
    with opened(learner) as collection:
        (note_id,) = collection.find_notes("Id:mha")
        mine = collection.get_note(note_id)
        mine["Answer"], mine.tags = "我的话", ["leech"]
        collection.update_note(mine)
    assert bring(learner, copy.build(edited(NOTES[0], Answer="新"), *NOTES[1:])) == Arrival(updated=1, duplicate=3)
    with opened(learner) as collection:
        assert texts(collection, "Answer")["mha"] == "我的话"
        assert collection.get_note(note_id).tags == ["leech"]


def test_a_renamed_question_is_the_same_note(copy: WorkingCopy, learner: Path) -> None:
    bring(learner, copy.build(*NOTES))
    with opened(learner) as collection:
        before = study(collection, "kv-cache")
    renamed = note("kv-cache-size", place=2, was="kv-cache")
    assert bring(learner, copy.build(renamed, *NOTES[1:])) == Arrival(updated=1, duplicate=3)
    with opened(learner) as collection:
        assert progress(collection, "kv-cache-size") == before


def test_a_changed_stylesheet_arrives_without_touching_a_note(copy: WorkingCopy, learner: Path) -> None:
    bring(learner, copy.build(*NOTES))
    for css in (".card { color: red }", ".card { color: blue }"):
        faces = tuple(replace(face, css=css) if face.note_type is NoteType.KATA else face for face in FACES)
        assert bring(learner, replace(copy, faces=faces).build(*NOTES)) == Arrival(duplicate=4)
        with opened(learner) as collection:
            models = {kind: collection.models.get(ids.NOTE_TYPES[kind][0]) for kind in NoteType}
            assert models[NoteType.KATA]["css"] == css
            assert models[NoteType.QUESTION]["css"] == FACES[0].css
            ours = [name for name in collection.models.all_names() if name.startswith(ids.TAG_ROOT)]
            assert len(ours) == len(NoteType)


def test_released_notes_keep_their_time_and_drafts_are_newer(copy: WorkingCopy, learner: Path) -> None:
    """The learner has the release; the author edits, takes the edit back, and each build still arrives."""
    release, _ = copy.assemble(*NOTES)
    lines = [
        LedgerLine(id=key, type=_type_of(key), guid=guid(key), hash=item.digest, mod=BIRTH + 5000, since="1.0.0")
        for key, item in release.stamps.items()
    ]
    write_ledger(copy.ledger, lines)
    (copy.root / "drafts.json").unlink()
    assert bring(learner, copy.build(*NOTES)) == Arrival(new=4)
    with opened(learner) as collection:
        assert collection.db.list("select distinct mod from notes") == [BIRTH + 5000]
    for answer in ("改", NOTES[0].fields[FIELDS.index("Answer")]):
        package = copy.build(edited(NOTES[0], Answer=answer), *NOTES[1:])
        assert bring(learner, package) == Arrival(updated=1, duplicate=3)


def _type_of(key: str) -> str:
    return "" if key.startswith("type:") else next(item.note_type.value for item in NOTES if item.id == key)


def test_a_note_type_of_another_front_would_be_seen(copy: WorkingCopy, learner: Path) -> None:
    """The checks above can fail: a face with an empty back and an unfilled slot is reported."""
    broken = tuple(Face(note_type=kind, front="{{Question}}", back="<p></p>", css="") for kind in NoteType)
    bring(learner, replace(copy, faces=broken).build(*NOTES))
    with opened(learner) as collection:
        assert "mha: the answer is empty" in faults(collection)
