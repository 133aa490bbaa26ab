"""The `Cells` field of a note → records. The field comes with a deck, so everything about it is bounded and checked.

Refuses what is too large, too deep, or not what the pipeline writes; never runs anything.
"""

import base64
import binascii
import json
import math
import re
import zlib
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple

from .cells.identity import digest
from .cells.judge import MODES

VERSION = 1
LONGEST_FIELD, LONGEST_TEXT = 1 << 17, 1 << 18
"""Characters of the field, bytes of what it unpacks to: fifteen times the longest card, and read in 40 ms at worst."""
DEEPEST = 24
MOST_CELLS, LONGEST_SOURCE, LONGEST_TIMEOUT = 64, 100_000, 3600.0
ROLES = ("cell", "stub", "solution", "tests", "hidden-tests")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
WORD = re.compile(r"[\w.+-]{1,40}\Z", re.ASCII)
PATH = re.compile(r"(?!/)(?!.*\.\.)[\w./-]{1,200}\Z", re.ASCII)


class NoteError(ValueError):
    """The field is not one of ours; the message says why, in English, for the log."""


class NewerError(NoteError):
    """The deck is newer than the add-on."""


@dataclass(frozen=True)
class Cell:
    """One cell as the card carries it."""

    id: str
    role: str
    language: str
    source: str
    env: str
    timeout: float = 20.0
    rtol: float = 1e-3
    atol: float = 1e-5
    compare: str = "numbers"
    needs: Tuple[str, ...] = ()
    raises: str = ""
    inputs: Tuple[str, ...] = ()
    ready: str = ""
    figure: str = ""
    """Caption; not empty when the cell draws."""
    stdout: Optional[str] = None
    """What the pipeline saw it print; None when it has no valid record."""
    level: str = ""
    result: Any = None
    """What it measured where it can run, for later cells."""
    digest: str = ""
    """What trust goes by."""


@dataclass(frozen=True)
class Card:
    """The cells of one card in order."""

    id: str
    cells: Tuple[Cell, ...] = field(default=())

    def cell(self, name: str) -> Optional[Cell]:
        """The cell with this id."""
        return next((cell for cell in self.cells if cell.id == name), None)


def decode(text: str) -> Card:
    """The card in a `Cells` field. Raises NoteError."""
    document = _document(text)
    if document.get("version") != VERSION:
        raise NewerError("version %.20r of the field is not known" % (document.get("version"),))
    name, entries = document.get("card"), document.get("cells")
    if not isinstance(name, str) or not NAME.match(name) or not isinstance(entries, list):
        raise NoteError("not a card")
    if len(entries) > MOST_CELLS:
        raise NoteError("%d cells" % len(entries))
    cells = tuple(_cell(entry) for entry in entries)
    if len({cell.id for cell in cells}) != len(cells):
        raise NoteError("two cells have the same id")
    return Card(name, cells)


def _document(text: str) -> Dict[str, Any]:
    if len(text) > LONGEST_FIELD:
        raise NoteError("the field has %d characters" % len(text))
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(base64.b64decode(text.strip(), validate=True), LONGEST_TEXT)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise NoteError("not base64 of zlib") from error
    if not unpacker.eof or unpacker.unused_data:
        raise NoteError("unpacks to more than %d bytes, or not to an end" % LONGEST_TEXT)
    if not _is_shallow(data):
        raise NoteError("nested too deep")
    try:
        document = json.loads(data.decode("utf-8"), parse_int=_integer, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NoteError("not JSON") from error
    if not isinstance(document, dict):
        raise NoteError("not a document")
    return document


def _is_shallow(data: bytes) -> bool:
    # what is left without the strings, brackets alone; every round takes away the innermost pairs: time is linear
    outside = data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    brackets = b"".join(outside).translate(None, bytes(each for each in range(256) if each not in b"[]{}"))
    for _ in range(DEEPEST):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets


def _integer(digits: str) -> int:
    # reading a number of a million digits takes minutes
    if len(digits) > 20:
        raise ValueError("a number of %d digits" % len(digits))
    return int(digits)


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _cell(entry: Any) -> Cell:
    if not isinstance(entry, dict):
        raise NoteError("a cell is not an object")
    cell = Cell(
        id=_text(entry, "id", NAME), role=_text(entry, "role", WORD), language=_text(entry, "language", WORD),
        source=_text(entry, "source"), env=_text(entry, "env", WORD), timeout=_number(entry, "timeout"),
        rtol=_number(entry, "rtol"), atol=_number(entry, "atol"), compare=_text(entry, "compare", WORD),
        needs=_texts(entry, "needs", WORD), raises=_text(entry, "raises", WORD, ""),
        inputs=_texts(entry, "inputs", PATH), ready=_text(entry, "ready", None, ""),
        figure=_text(entry, "figure", None, ""), level=_text(entry, "level", WORD, ""),
        stdout=_text(entry, "stdout") if "stdout" in entry else None, result=entry.get("result"),
        digest=_digest(entry),
    )  # fmt: skip
    if cell.role not in ROLES or cell.compare not in MODES or len(cell.id) > 80:
        raise NoteError("cell %s has role %s and compare %s" % (cell.id[:80], cell.role, cell.compare))
    return cell


def _digest(entry: Mapping[str, Any]) -> str:
    try:
        return digest(entry)
    except ValueError as error:
        raise NoteError("a cell is not Unicode") from error


def _text(entry: Mapping[str, Any], key: str, form: "Optional[re.Pattern[str]]" = None, default: Any = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str) or len(value) > LONGEST_SOURCE or not _is_unicode(value):
        raise NoteError("%s of a cell is no text" % key)
    if form is not None and value != default and not form.match(value):
        raise NoteError("%s of a cell is %.60r" % (key, value))
    return value


def _texts(entry: Mapping[str, Any], key: str, form: "re.Pattern[str]") -> Tuple[str, ...]:
    values = entry.get(key, [])
    if not isinstance(values, list) or len(values) > 20:
        raise NoteError("%s of a cell is no list" % key)
    return tuple(_text({key: value}, key, form) for value in values)


def _number(entry: Mapping[str, Any], key: str) -> float:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise NoteError("%s of a cell is no number" % key)
    if not 0 <= value <= LONGEST_TIMEOUT:
        raise NoteError("%s of a cell is %r" % (key, value))
    return float(value)


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
