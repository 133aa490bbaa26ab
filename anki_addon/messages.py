"""What a page may ask: one parser for every message, which accepts an id and nothing else.

Any card's script can send any text, so a message never carries code, a path, a number or a nonce that would have to be
believed. What does not parse is refused without a word.
"""

import re
from dataclasses import dataclass
from typing import Optional

PREFIX = "proofdeck:"
LONGEST = 160
"""Characters of a whole message."""

CELL = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
"""What the pipeline accepts as the id of a cell."""

PLAIN = ("stop", "state", "settings")


@dataclass(frozen=True)
class Request:
    """`run` with the id of a cell; `stop`, `state` and `settings` with nothing."""

    kind: str
    cell: str = ""


def is_ours(message: str) -> bool:
    """Whether the message is meant for this add-on, well formed or not: then nobody else need see it."""
    return message.startswith(PREFIX)


def parse(message: str) -> Optional[Request]:
    """The request in `message`; None for everything that is not exactly one."""
    if len(message) > LONGEST or not is_ours(message):
        return None
    words = message[len(PREFIX) :].split(":")
    if len(words) == 1 and words[0] in PLAIN:
        return Request(words[0])
    if len(words) == 2 and words[0] == "run" and CELL.match(words[1]):
        return Request("run", words[1])
    return None
