"""Pictures of diagrams and cells: one `<figure>` each, in two inks of which the stylesheet shows one."""

from __future__ import annotations

from collections.abc import Mapping

from build_deck.model.card import Card, Cell, Diagram, Label
from build_deck.model.note import Picture
from build_deck.model.outcome import CardEvidence
from build_deck.render.markdown import Typesetter
from build_deck.render.safe import escape
from build_deck.tex import spoken


def figure_field(card: Card, evidence: CardEvidence | None, pictures: Mapping[str, Picture], setter: Typesetter) -> str:
    """All pictures of a card in source order, with the prose of 图示; those of 展开 stay there."""
    parts: list[str] = []
    for field in card.fields:
        if field.label is Label.DETAIL:
            continue
        for block in field.blocks:
            if isinstance(block, Diagram):
                parts.append(diagram(block, pictures, setter))
            elif isinstance(block, Cell):
                parts.append(drawn_by(block, evidence, pictures, setter))
            elif field.label is Label.FIGURE:
                parts.append(setter.block(block))
    return "\n".join(filter(None, parts))


def diagram(block: Diagram, pictures: Mapping[str, Picture], setter: Typesetter) -> str:
    """The drawn diagram; its text while there is no drawing (`draw` has said why)."""
    picture = pictures.get(block.id)
    if picture is None:
        return setter.code(block.source, block.renderer)
    return _figure((picture,), block.caption or picture.alt, setter)


def drawn_by(cell: Cell, evidence: CardEvidence | None, pictures: Mapping[str, Picture], setter: Typesetter) -> str:
    """What a cell drew, under one caption; empty when it drew nothing."""
    outcome = evidence.cells.get(cell.id) if evidence is not None else None
    keys = [f"{cell.id}/{drawing.name}" for drawing in outcome.drawings] if outcome is not None else []
    drawn = tuple(pictures[key] for key in keys if key in pictures)
    return _figure(drawn, cell.figure or drawn[0].alt, setter) if drawn else ""


def _figure(drawn: tuple[Picture, ...], caption: str, setter: Typesetter) -> str:
    images = "".join(_both_inks(picture, setter) for picture in drawn)
    below = setter.phrase(caption)
    return f"<figure>{images}<figcaption>{below}</figcaption></figure>" if below else f"<figure>{images}</figure>"


def _both_inks(picture: Picture, setter: Typesetter) -> str:
    inks = (("light", picture.light), ("dark", picture.dark))
    alt = escape(spoken(picture.alt))
    return "".join(f'<img class="{ink}" src="{setter.mention(media)}" alt="{alt}">' for ink, media in inks)
