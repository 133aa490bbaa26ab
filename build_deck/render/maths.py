"""TeX between the delimiters that every Anki client hands to MathJax.

MathJax never breaks a line inside an inline formula, and a phone line holds about twenty symbols. TeX itself would
break after a relation, so a long inline formula is set as several, one per relation; what is still long scrolls.
"""

from __future__ import annotations

import re

from build_deck.render.safe import escape

LONG = 22
"""Symbols that fit on a line of a 320 px screen, with some to spare."""

_RELATIONS = {"=", "<", ">", r"\approx", r"\sim", r"\propto", r"\le", r"\leq", r"\ge", r"\geq", r"\ll", r"\gg",
              r"\to", r"\rightarrow", r"\Rightarrow", r"\equiv", r"\in", r"\neq", r"\ne", r"\iff"}  # fmt: skip
_OPENERS = {"{", "(", "[", r"\{", r"\left", r"\begin"}
_CLOSERS = {"}", ")", "]", r"\}", r"\right", r"\end"}
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_INVISIBLE = re.compile(
    r"\\(?:operatorname\*?|mathrm|mathbf|mathbb|mathcal|boldsymbol|text|left|right|quad|qquad|frac|sqrt|top|cdot)(?![a-z])"
    r"|\\[,;:! ]|[{}_^\s]"
)


def inline(tex: str) -> str:
    """An inline formula; the pieces of a long one may be set on two lines."""
    if width(tex) <= LONG:
        return rf"\({escape(tex)}\)"
    return "".join(_piece(piece) for piece in split(tex))


def display(tex: str) -> str:
    """A formula of its own line, without the box it scrolls in."""
    return rf"\[{escape(tex)}\]"


def width(tex: str) -> int:
    """About how many symbols wide `tex` is set."""
    return len(re.sub(r"\\[a-zA-Z]+|\\.", "x", _INVISIBLE.sub("", tex)))


def split(tex: str) -> tuple[str, ...]:
    """`tex` cut after each relation that stands outside every group; the pieces joined are `tex` but for `{}`."""
    pieces: list[str] = []
    piece, depth = "", 0
    for match in _TOKEN.finditer(tex):
        token = match[0]
        depth += (token in _OPENERS) - (token in _CLOSERS)
        piece += token
        scripted = tex[match.end() :].lstrip()[:1] in {"_", "^"}
        if depth == 0 and token in _RELATIONS and piece.strip() != token and not scripted:
            pieces.append(f"{piece}{{}}")
            piece = ""
    return (*pieces, piece) if piece.strip() else tuple(pieces)


def _piece(tex: str) -> str:
    formula = rf"\({escape(tex)}\)"
    return f'<span class="mw">{formula}</span>' if width(tex) > LONG else formula
