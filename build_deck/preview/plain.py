"""HTML as plain text: what a list of questions shows and what a search looks through."""

from __future__ import annotations

import html
import re

from build_deck.tex import readable

_TAG = re.compile(r"<[^>]+>")
_BLANK = re.compile(r"\s+")
_DELIMITER = re.compile(r"\\[()\[\]]")
_FORMULA = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)


def text_of(markup: str) -> str:
    """The words of an HTML fragment, blanks joined, formulas as their TeX without delimiters."""
    words = html.unescape(_TAG.sub(" ", markup))
    return _BLANK.sub(" ", _DELIMITER.sub("", words)).strip()


def title_of(markup: str) -> str:
    """A question on one line, its formulas as near to print as letters come: `\\(\\sqrt{d_k}\\)` is √d_k."""
    words = html.unescape(_TAG.sub("", markup))
    return _BLANK.sub(" ", _FORMULA.sub(lambda found: readable(found[1] or found[2] or ""), words)).strip()
