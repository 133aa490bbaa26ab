"""A card and its outcomes → its note, and one note per promoted follow-up."""

from __future__ import annotations

from collections.abc import Mapping

from build_deck.model.card import Card, FollowUp, Kind
from build_deck.model.note import FIELDS, NoteType, RenderedNote
from build_deck.model.problem import Problem
from build_deck.render import cells_field, fields, tags
from build_deck.render.code import Memory
from build_deck.render.evidence import Proof, evidence_field, stub_field
from build_deck.render.figures import figure_field
from build_deck.render.inputs import CardInputs
from build_deck.render.markdown import Typesetter
from build_deck.render.safe import neutralise
from build_deck.render.words import FOLLOW_UP


def render_card(
    inputs: CardInputs, memory: Memory | None = None
) -> tuple[tuple[RenderedNote, ...], tuple[Problem, ...]]:
    """The card's note, then one per promoted follow-up, and every fault. Pure: equal inputs give equal results.

    A card without an id gets a note with empty ids: it previews, and `pack` refuses it.
    """
    setter = Typesetter(inputs.images, memory)
    content = _content(inputs, setter)
    problems = [] if content["Question"] else [_empty_question(inputs.card)]
    notes = [_note(inputs, content, setter)]
    for number, follow_up in enumerate(inputs.card.follow_ups, start=1):
        if follow_up.id is not None:
            notes.append(_promoted(inputs, follow_up, number, content))
    return tuple(notes), (*problems, *setter.problems)


def _content(inputs: CardInputs, setter: Typesetter) -> dict[str, str]:
    card, proof = inputs.card, Proof.of(inputs.card, inputs.evidence)
    return {
        "Id": card.id or "",
        "Question": fields.question(card, setter),
        "Context": fields.chips(inputs.place, card.depth, fields.kind_name(card)),
        "Stub": stub_field(card, setter),
        "Answer": fields.answer(inputs, setter),
        "Detail": fields.detail(card, proof, inputs.pictures, setter),
        "Figure": figure_field(card, inputs.evidence, inputs.pictures, setter),
        "Evidence": evidence_field(proof, setter),
        "FollowUps": fields.follow_ups(card, setter),
        "Pitfalls": fields.pitfalls(card, setter),
        "AskBack": fields.ask_backs(card, setter),
        "References": fields.references(card, setter),
        "Meta": fields.meta(inputs, setter),
        "Cells": cells_field.encode(card, inputs.evidence),
    }


def _note(inputs: CardInputs, content: Mapping[str, str], setter: Typesetter) -> RenderedNote:
    card = inputs.card
    return RenderedNote(
        id=card.id or "",
        first_id=card.first_id or "",
        note_type=NoteType.KATA if card.kind is Kind.KATA else NoteType.QUESTION,
        fields=_in_order(content),
        tags=tags.card_tags(card, inputs.place),
        section=inputs.place.section_id,
        order=_order(inputs, card.depth, 0),
        media=tuple(setter.media),
    )


def _promoted(inputs: CardInputs, follow_up: FollowUp, number: int, parent: Mapping[str, str]) -> RenderedNote:
    card, depth = inputs.card, follow_up.depth or inputs.card.depth
    # a setter of its own: its media are its own, its faults were reported with the parent
    setter = Typesetter(inputs.images)
    context = fields.parent_context(parent["Question"], parent["Answer"])
    content = {
        "Id": follow_up.id or "",
        "Question": setter.inline(follow_up.question),
        "Context": fields.chips(inputs.place, depth, FOLLOW_UP) + "\n" + context,
        "Answer": setter.block(follow_up.answer) if follow_up.answer is not None else "",
        "References": parent["References"],
        "Meta": fields.fine_print(follow_up.id, card.asof, level=""),
    }
    shown = "".join(content.values())
    return RenderedNote(
        id=follow_up.id or "",
        first_id=follow_up.was or follow_up.id or "",
        note_type=NoteType.FOLLOW_UP,
        fields=_in_order(content),
        tags=tags.follow_up_tags(card, inputs.place, depth),
        section=inputs.place.section_id,
        order=_order(inputs, depth, number),
        media=tuple(media.name for media in inputs.images.values() if f'src="{media.name}"' in shown),
    )


def _order(inputs: CardInputs, depth: int, follow_up: int) -> tuple[int, ...]:
    place = inputs.place
    core = inputs.card.core and not follow_up
    return (int(not core), place.section, place.topic, depth, place.card, follow_up)


def _in_order(content: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(neutralise(content.get(name, "")) for name in FIELDS)


def _empty_question(card: Card) -> Problem:
    return Problem(code="H003", span=card.span, text="the question renders to nothing", hint="write its text after N)")
