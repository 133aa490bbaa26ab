"""C503, C504: pictures that a card shows lie in the project."""

from __future__ import annotations

import os
import posixpath
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from build_deck.check.scope import Deck
from build_deck.check.visible import proses, visible
from build_deck.model.problem import Problem
from build_deck.model.span import Span

_IMAGE = re.compile(r"!\[[^\]\n]*\]\(\s*<?([^)\s>]+)")


def rule(deck: Deck) -> Iterator[Problem]:
    """`![…](path)`: the path is relative to the answer file and stays below the project root."""
    for card in deck.corpus.cards:
        for prose in proses(card):
            if "![" in prose.text:
                seen = visible(prose)
                for match in _IMAGE.finditer(seen.text):
                    yield from _image(deck.root, seen.place(match.start(1)), match[1])


def _image(root: Path, span: Span, target: str) -> Iterator[Problem]:
    if "://" in target or target.startswith(("data:", "/")):
        text, hint = f"`{target}` is not a file beside the card", "cards work offline: put the file into the project"
        yield Problem(code="C504", span=span, text=text, hint=hint)
        return
    folder = posixpath.dirname(span.path)
    inside = posixpath.normpath(posixpath.join(folder, target))
    # a link may point anywhere on the machine that builds; asked once, without pathlib, for decks with an image a card
    if inside.startswith("..") or not _is_plain_file(f"{root}/{inside}"):
        text, hint = (
            f"the picture `{target}` does not exist",
            f"the path is relative to {folder}/; links are not followed",
        )
        yield Problem(code="C503", span=span, text=text, hint=hint)


def _is_plain_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False
