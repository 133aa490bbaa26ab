"""Our substitution beside the real Anki's, so that the preview cannot drift from what a learner sees."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from anki.collection import Collection
from render_samples import ALL

from build_deck.model.note import FIELDS
from build_deck.preview.substitute import fill, sides
from build_deck.render import faces, render_card

BACK = "{{FrontSide}}<hr>{{#A}}a {{A}}{{#B}} and b {{B}}{{/B}}{{/A}}{{^A}}no a{{^B}} nor b{{/B}}{{/A}} {{ C }}"
VALUES = (
    "",
    " ",
    "\n\t",
    "<br>",
    "<div></div>",
    "<br/> <DIV>",
    "&nbsp;",
    "0",
    "x",
    "<p></p>",
    "{{B}}",
    "中文 \\(a_1\\)",
)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    opened = Collection(str(tmp_path_factory.mktemp("anki") / "collection.anki2"))
    yield opened
    opened.close()


def anki_sides(
    collection: Collection, name: str, templates: tuple[str, str], fields: dict[str, str]
) -> tuple[str, str]:
    """What Anki makes of a note with these fields, its stylesheet taken off."""
    models = collection.models
    model = models.by_name(name)
    if model is None:
        model = models.new(name)
        model["css"] = ""
        for each in fields:
            models.add_field(model, models.new_field(each))
        template = models.new_template("card")
        template["qfmt"], template["afmt"] = templates
        models.add_template(model, template)
        models.add(model)
        model = models.by_name(name)
    assert model is not None
    note = collection.new_note(model)
    note.fields = list(fields.values())
    collection.add_note(note, collection.decks.id("test") or 1)
    card = note.cards()[0]
    return card.question().removeprefix("<style></style>"), card.answer().removeprefix("<style></style>")


@pytest.mark.anki
@pytest.mark.parametrize("a", VALUES, ids=repr)
@pytest.mark.parametrize("b", ["", "b"], ids=repr)
def test_conditionals_are_as_in_anki(collection: Collection, a: str, b: str) -> None:
    fields = {"C": "shown", "A": a, "B": b}
    templates = ("{{C}} {{#B}}[{{B}}]{{/B}}", BACK)
    assert sides(*templates, fields) == anki_sides(collection, "conditionals", templates, fields)


@pytest.mark.anki
@pytest.mark.parametrize("name", sorted(ALL))
def test_our_own_faces_are_as_in_anki(collection: Collection, name: str) -> None:
    face = {each.note_type: each for each in faces()}
    for note in render_card(ALL[name]())[0]:
        fields = dict(zip(FIELDS, note.fields, strict=True))
        templates = face[note.note_type].front, face[note.note_type].back
        shown = anki_sides(collection, f"face {note.note_type}", templates, fields)
        assert sides(*templates, fields) == shown


@pytest.mark.parametrize(
    "template", ["{{X}}", "{{text:A}}", "{{#A}}", "{{/A}}", "{{#A}}{{#B}}{{/A}}{{/B}}", "{{Tags}}"]
)
def test_what_is_no_field_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"no field|closes nothing|never closed"):
        fill(template, {"A": "a", "B": "b"})


def test_the_vendored_mathjax_is_the_one_that_its_readme_names(project: Path) -> None:
    folder = project / "build_deck/preview/vendor"
    assert hashlib.sha256((folder / "mathjax.js").read_bytes()).hexdigest() in (folder / "README.md").read_text("utf-8")
