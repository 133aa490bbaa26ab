"""Card and outcomes → note fields and the note types' faces. HTML that is safe and whole without a script."""

from __future__ import annotations

from build_deck.render.cells_field import encode as encode_cells
from build_deck.render.faces import FaceOptions, faces
from build_deck.render.inputs import CardInputs, Place, cache_key
from build_deck.render.notes import render_card

__all__ = ["CardInputs", "FaceOptions", "Place", "cache_key", "encode_cells", "faces", "render_card"]
