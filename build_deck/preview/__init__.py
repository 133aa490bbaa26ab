"""All cards as a static site that needs no Anki and no network: the same fields, faces and stylesheet as the package.

It renders nothing itself: it fills the faces as Anki does, and refuses a template that asks for more than fields.
"""

from __future__ import annotations

from build_deck.preview.leaf import Leaf, Site
from build_deck.preview.pages import Press
from build_deck.preview.serve import serve

__all__ = ["Leaf", "Press", "Site", "serve"]
