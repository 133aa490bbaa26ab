"""Figures and diagrams as pictures that read in light and in dark mode."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from build_deck.draw import mermaid
from build_deck.draw.svg import picture, unsafe_parts
from build_deck.model.card import Card
from build_deck.model.note import Picture
from build_deck.model.outcome import CardEvidence
from build_deck.model.problem import Problem
from build_deck.model.span import Span


def draw_card(card: Card, evidence: CardEvidence | None, root: Path) -> tuple[dict[str, Picture], tuple[Problem, ...]]:
    """All pictures of a card, keyed `<cell-id>/<drawing-name>` for figures and `<diagram-id>` for diagrams.

    Stale diagrams are drawn and frozen under `figures/<card>/`; figures come frozen out of `run`.
    """
    sources, problems = _diagrams(card, root)
    if evidence is not None:
        sources |= _figures(card, evidence)
    pictures: dict[str, Picture] = {}
    for key, (svg, alt, span) in sources.items():
        faults = unsafe_parts(svg)
        if faults:
            text = f"picture {key} holds {', '.join(faults)}"
            problems += (Problem(code="D002", span=span, text=text, hint="a picture may not load or run anything"),)
        else:
            pictures[key] = picture(card.id or f"card-{card.number}", key, svg, alt)
    return pictures, problems


Source = tuple[str, str, Span]


def _diagrams(card: Card, root: Path) -> tuple[dict[str, Source], tuple[Problem, ...]]:
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for diagram in card.diagrams:
        frozen = root / "figures" / (card.id or "") / f"{diagram.id}.mermaid.svg"
        try:
            svg = mermaid.render_frozen(diagram, frozen, keep=card.id is not None)
        except mermaid.DiagramError as fault:
            span = Span(diagram.span.path, diagram.span.line + fault.line, 1)
            problems.append(Problem(code="D001", span=span, text=fault.text, hint=fault.hint))
        else:
            sources[diagram.id] = (svg, diagram.caption, diagram.span)
    return sources, tuple(problems)


def _figures(card: Card, evidence: CardEvidence) -> Mapping[str, Source]:
    cells = {cell.id: cell for cell in card.cells}
    return {
        f"{name}/{drawing.name}": (drawing.svg, cells[name].figure or "", cells[name].span)
        for name, outcome in evidence.cells.items()
        if name in cells
        for drawing in outcome.drawings
    }
