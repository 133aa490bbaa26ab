"""The add-on out of the corpus: what its cells are, and where they are written down as known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from build_deck import __version__, build, pack, render, run
from build_deck.model.problem import Problem, errors
from build_deck.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """An add-on that lies in `dist/`."""

    path: Path
    size: int
    """Bytes."""
    known: int
    """Cells that it runs without a question."""


def addon(session: Session) -> tuple[Shipped | None, tuple[Problem, ...]]:
    """Write the add-on for the deck as it is; nothing when a problem of the answer files is an error."""
    corpus, problems = build.load(session)
    if errors(problems):
        return None, problems
    evidence = run.load_evidence(corpus, session.ground)
    cards = [card for card in corpus.cards if card.id is not None]
    fields = [render.encode_cells(card, evidence.get(card.id or "")) for card in cards]
    inputs = sorted({name for card in cards for cell in card.cells for name in cell.inputs})
    parts = pack.AddonParts(
        version=__version__,
        known=pack.known(fields),
        inputs={name: (session.workspace.root / name).read_bytes() for name in inputs},
    )
    session.memo.save()
    path = session.workspace.dist / f"proofdeck-{__version__}.ankiaddon"
    files = pack.stage(parts)
    return Shipped(path=path, size=pack.write_addon(files, path), known=len(files[pack.KNOWN].split())), problems
