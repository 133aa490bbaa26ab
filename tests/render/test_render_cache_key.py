"""The key under which a rendering may be remembered: it moves with everything that is shown, and with nothing else."""

from __future__ import annotations

import dataclasses

import pytest
from render_builders import evidence, outcome, picture
from render_samples import concept

from build_deck.model.card import Card
from build_deck.model.span import Span
from build_deck.render import cache_key, render_card
from build_deck.render.inputs import CardInputs


def changed(of: CardInputs, name: str) -> CardInputs:
    card, place = of.card, of.place
    return {
        "source": dataclasses.replace(of, card=dataclasses.replace(card, digest="other")),
        "group": dataclasses.replace(of, card=dataclasses.replace(card, group="组")),
        "section title": dataclasses.replace(of, place=dataclasses.replace(place, section_title="新名")),
        "topic title": dataclasses.replace(of, place=dataclasses.replace(place, topic_title="新名")),
        "position": dataclasses.replace(of, place=dataclasses.replace(place, card=9)),
        "evidence": dataclasses.replace(of, evidence=evidence(outcome("saturation", "别的\n"))),
        "no evidence": dataclasses.replace(of, evidence=None),
        "picture": dataclasses.replace(of, pictures={"saturation/saturation.svg": picture("new", "新")}),
        "related question": dataclasses.replace(of, questions={"mha-handwrite": "新问"}),
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "source",
        "group",
        "section title",
        "topic title",
        "position",
        "evidence",
        "no evidence",
        "picture",
        "related question",
    ],
)
def test_every_input_enters_the_key(name: str) -> None:
    assert cache_key(changed(concept(), name)) != cache_key(concept())


def test_lines_enter_neither_the_key_nor_the_notes() -> None:
    def moved(card: Card) -> Card:
        return dataclasses.replace(card, span=Span(card.span.path, 99), number=7)

    of = concept()
    other = dataclasses.replace(of, card=moved(of.card))
    assert cache_key(other) == cache_key(of)
    assert render_card(other) == render_card(of)


def test_questions_of_unrelated_cards_do_not_enter() -> None:
    of = concept()
    assert cache_key(dataclasses.replace(of, questions={**of.questions, "unrelated": "x"})) == cache_key(of)
