"""Code as plain text with nothing hidden: what the eye does not see, or sees in another order, is written out."""

import unicodedata

UNSEEN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
"""Categories of characters without a shape of their own, among them those that turn the reading direction."""
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and marks that look like nothing; of the letters a name can be made."""
SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
"""Marks that choose a variant of the character before them; first and last of each block."""


def visible(source: str) -> str:
    """The source with such characters written out as `⟦U+202E⟧`."""
    return "".join(each if _is_seen(each) else "⟦U+%04X⟧" % ord(each) for each in source)


def _is_seen(character: str) -> bool:
    if character in "\n\t":
        return True
    if character in BLANK or any(first <= ord(character) <= last for first, last in SELECTORS):
        return False
    return unicodedata.category(character) not in UNSEEN and (character in " \u3000" or not character.isspace())
