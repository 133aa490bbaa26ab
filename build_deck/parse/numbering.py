"""Recognises the line that starts a question: `N)`, `N.`, `N、`, `N）` or `**N. …**`, at the left edge of a file.
Lists that were copied out of a page have the number on a line of its own; the next line is then the question.

Columns of the source are kept: nothing is rewritten, `markdown` asks here whether a line is a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERED = re.compile(r" ?(\*\*)?(\d{1,3})(?:[)）]|[.．、](?!\d|x\b))[ \t\u3000]*(?=\S)")

_LONELY = re.compile(r" ?(\d{1,3})[)）.．、][ \t]*$")
_NO_QUESTION = tuple("`~#>|$-*+0123456789")
"""A line that begins so is no continuation of a number that stands alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """Where the parts of a question line stand; columns from 0."""

    number: int
    start: int
    end: int
    """The question's text is `line[start:end]`."""
    rest: int
    """What follows the text: equal to `end`, or past the closing `**`."""


def read_number(line: str) -> Numbered | None:
    """The question that starts on this line, or None. A bold number needs its closing `**` on the same line."""
    match = _NUMBERED.match(line)
    if match is None:
        return None
    start = match.end()
    if match[1] is None:
        return Numbered(number=int(match[2]), start=start, end=len(line), rest=len(line))
    close = line.find("**", start)
    if close <= start:
        return None
    return Numbered(number=int(match[2]), start=start, end=close, rest=close + 2)


def read_lonely(line: str, following: str) -> Numbered | None:
    """The question whose number stands alone on `line`; columns are those of the following line."""
    match = _LONELY.match(line)
    text = following.lstrip()
    if match is None or not text or text.startswith(_NO_QUESTION):
        return None
    return Numbered(number=int(match[1]), start=len(following) - len(text), end=len(following), rest=len(following))
