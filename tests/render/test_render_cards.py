"""Answer files → the fields of their notes, pair by pair: the parser and the renderer as the build joins them."""

from __future__ import annotations

import re

from render_builders import PLACE
from well_formed import assert_safe, assert_well_formed

from build_deck.model.note import FIELDS
from build_deck.parse.topic import parse_topic
from build_deck.render import CardInputs, render_card

CASE_FILE = "render-cards.md"


def test_pair(given: str, wanted: str) -> None:
    topic, problems = parse_topic(given, "source/transformer/attention.md", "transformer")
    assert problems == ()
    shown: list[str] = []
    for card in topic.cards:
        notes, faults = render_card(CardInputs(card=card, place=PLACE))
        assert faults == ()
        for note in notes:
            shown += [f"<!-- {name} -->\n{html}" for name, html in zip(FIELDS, note.fields, strict=True) if html]
            shown.append(f"<!-- tags -->\n{' '.join(note.tags)}")
    html = "\n".join(part for part in shown if not part.startswith("<!-- Cells"))
    assert html == wanted
    assert_well_formed(html)
    assert_safe(re.sub(r"<!-- \w+ -->", "", html))
