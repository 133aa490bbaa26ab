"""Code as plain text with nothing hidden: what the eye does not see, or sees in another order, is written out."""

import re
from typing import Dict

OPENS = "⟦"
"""Begins what is said here and nowhere in the code; there it is written out like what cannot be seen."""
SELECTORS = frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
"""Marks that choose a variant of the character before them."""
SPELT = SELECTORS | set(OPENS + "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Printable, and written out all the same: besides those, what looks like nothing; some of it may be in a name."""
SPACE = "\n\t\u3000"
"""White space that is shown as it is, besides the space."""
GOES_ON = OPENS + "↩⟧\n"
"""Breaks a line that is too long to be laid out at once, or would lead out of sight."""
LONG = re.compile(r"[^\n]{200}(?=[^\n])")


class _Spelling(Dict[int, str]):
    """How each character of one text is shown, found out once: there may be a quarter of a million of them."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        # what is not printable has no shape of its own, turns the reading direction, or is another kind of space
        is_seen = character in SPACE or (character.isprintable() and character not in SPELT)
        shown = self[code] = character if is_seen else OPENS + "U+%04X⟧" % code
        return shown


def visible(source: str) -> str:
    """The source with such characters written out as `⟦U+202E⟧`, and no line longer than one can read."""
    spelling = _Spelling()
    cuts = [0, *(row.end() for row in LONG.finditer(source)), len(source)]
    rows = zip(cuts, cuts[1:])  # noqa: RUF007  (Python 3.9)
    return GOES_ON.join(source[begin:end].translate(spelling) for begin, end in rows)
