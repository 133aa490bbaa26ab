"""TeX between the delimiters that every Anki client hands to MathJax.

MathJax never breaks a line inside an inline formula, and a phone line holds about twenty-six digits. TeX itself would
break after a relation or a sign, so a long inline formula is set as several; what is still long scrolls.
"""

from __future__ import annotations

import math
import re
from collections.abc import Set

from build_deck.render.safe import escape

LONG = 26
"""Digits of a formula that fit on a line of a 320 px screen, with some to spare."""

GLUED = 18
"""Longest TeX, in characters, that may be kept from breaking: untypeset it must fit in a heading at 320 px.

Longer TeX has a box of its own, in which it breaks until it is typeset.
"""

_RELATIONS = {"=", "<", ">", r"\approx", r"\sim", r"\propto", r"\le", r"\leq", r"\ge", r"\geq", r"\ll", r"\gg",
              r"\to", r"\rightarrow", r"\Rightarrow", r"\equiv", r"\in", r"\neq", r"\ne", r"\iff"}  # fmt: skip
_SIGNS = {"+", "-", r"\pm"}
_OPENERS = {"{", "(", "[", r"\{", r"\left", r"\begin"}
_CLOSERS = {"}", ")", "]", r"\}", r"\right", r"\end"}
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_WORDS = {r"\ln", r"\log", r"\exp", r"\max", r"\min", r"\sin", r"\cos", r"\tanh", r"\arg", r"\sup", r"\inf", r"\det"}
_SPACED = {"+", "-", r"\times", r"\cdot", r"\odot", r"\pm", r"\sum", r"\prod", r"\int", r"\quad", r"\cdots", r"\ldots"}
_INVISIBLE = {"{", "}", "_", "^", "&", r"\left", r"\right", r"\big", r"\Big", r"\bigl", r"\bigr", r"\operatorname",
              r"\mathrm", r"\mathbf", r"\mathbb", r"\mathcal", r"\boldsymbol", r"\text",
              r"\frac", r"\dfrac", r"\tfrac", r"\sqrt",
              r"\,", r"\;", r"\:", r"\!", r"\ ", r"\hat", r"\bar", r"\tilde", r"\displaystyle"}  # fmt: skip


def inline(tex: str, before: str = "", after: str = "") -> str:
    """An inline formula that keeps the punctuation next to it on its line; the pieces of a long one may be parted."""
    pieces = split(tex) if width(tex) > LONG else (tex,)
    last = len(pieces) - 1
    return "".join(
        _piece(piece, before if number == 0 else "", after if number == last else "")
        for number, piece in enumerate(pieces)
    )


def display(tex: str) -> str:
    """A formula of its own line, without the box it scrolls in."""
    return rf"\[{escape(tex)}\]"


def width(tex: str) -> int:
    """About how wide `tex` is set, in digits: relations and operators bring space, marks and fonts none."""
    return math.ceil(sum(_letters(match[0]) for match in _TOKEN.finditer(tex)))


def _letters(token: str) -> float:
    """In digits, half an em each, as TeX's own fonts have it."""
    if token in _INVISIBLE or token.isspace():
        return 0
    if token in _WORDS:
        return len(token) - 1
    if token in _RELATIONS or token in _SPACED:
        return 2.6
    return 2 if "⺀" <= token <= "￿" else 1.4 if token.isupper() else 1


def split(tex: str) -> tuple[str, ...]:
    """`tex` cut after each relation, and where that is too long after each sign, outside every group.

    The pieces joined are `tex` but for `{}`.
    """
    related = _cut(tex, _RELATIONS)
    return tuple(part for piece in related for part in (_cut(piece, _SIGNS) if width(piece) > LONG else (piece,)))


def _cut(tex: str, after: Set[str]) -> tuple[str, ...]:
    pieces: list[str] = []
    piece, depth = "", 0
    for match in _TOKEN.finditer(tex):
        token = match[0]
        depth += (token in _OPENERS) - (token in _CLOSERS)
        piece += token
        scripted = tex[match.end() :].lstrip()[:1] in {"_", "^"}
        if depth == 0 and token in after and piece.strip() != token and not scripted:
            pieces.append(f"{piece}{{}}")
            piece = ""
    return (*pieces, piece) if piece.strip() else tuple(pieces)


def _piece(tex: str, before: str, after: str) -> str:
    formula = rf"\({escape(tex)}\)"
    if width(tex) > LONG:
        return f'<span class="mw">{before}{formula}{after}</span>'
    if not (before or after):
        return formula
    # a browser may break a line on either side of a typeset formula, even before a full stop
    if len(tex) > GLUED:
        formula = f'<span class="tw">{formula}</span>'
    return f'<span class="nb">{before}{formula}{after}</span>'
