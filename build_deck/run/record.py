"""`record.json`: what is known about one card's cells, in a form that notices when somebody else changed it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, TypeVar

from build_deck.cells.protocol import Test, Toolchain
from build_deck.model.outcome import Level

FORMAT = 1
NAME = re.compile(r"[A-Za-z0-9_-]{1,120}")
PLAIN = {"str": (str,), "bool": (bool,), "float": (int, float), "Dict[str, str]": (dict,)}
"""What JSON must hold for a field that is declared so; fields of other types are read one by one."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRecord:
    """How one cell ended well. Texts and drawings lie beside the record; here are their digests."""

    key: str
    env: str
    requirements: str
    """Digest of the environment's requirements text."""
    level: Level
    toolchain: Toolchain
    stdout: str
    """Digest of `<cell>.txt`; empty when the cell printed nothing and there is no such file."""
    drawings: tuple[tuple[str, str], ...] = ()
    """Name and digest of each drawing."""
    exception: str = ""
    error: str = ""
    tests: tuple[Test, ...] = ()
    result: Any = None
    seconds: float = 0.0
    peak_mib: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MutantRecord:
    """What became of one mutant."""

    key: str
    requirements: str
    name: str
    of: str
    killed: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything recorded about one card."""

    card: str
    cells: dict[str, CellRecord] = field(default_factory=dict)
    mutants: tuple[MutantRecord, ...] = ()
    stub: MutantRecord | None = None
    """The kata's stub counts as the first mutant: it must fail."""


class DamagedError(ValueError):
    """The text is not a record, not this card's, or was changed by something else than this module."""


def dump(record: Record) -> str:
    """Canonical JSON with a digest of itself."""
    body: dict[str, Any] = {"format": FORMAT, **dataclasses.asdict(record)}
    return json.dumps({**body, "digest": _digest(body)}, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def load(text: str, card: str) -> Record:
    """The record of `card`. Raises DamagedError."""
    try:
        body = json.loads(text)
        digest = body.pop("digest")
        if body.pop("format") != FORMAT or digest != _digest({"format": FORMAT, **body}) or body["card"] != card:
            raise DamagedError("its digest does not fit")
        cells = {_file_name(name): _cell(data) for name, data in body["cells"].items()}
        mutants = tuple(_made(MutantRecord, data) for data in body["mutants"])
        stub = _made(MutantRecord, body["stub"]) if body["stub"] is not None else None
        return Record(card=card, cells=cells, mutants=mutants, stub=stub)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as fault:
        raise DamagedError(str(fault)) from fault


def text_digest(text: str) -> str:
    """SHA-256 of a frozen text; empty for an empty one."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def _file_name(name: str) -> str:
    # a record is data from a pull request: it must not lead out of its folder
    if not NAME.fullmatch(name):
        raise DamagedError(f"{name!r} is not a file name")
    return name


def _cell(data: dict[str, Any]) -> CellRecord:
    parts = {
        **data,
        "level": Level(data["level"]),
        "toolchain": _made(Toolchain, data["toolchain"]),
        "drawings": tuple((_file_name(name), _text(digest)) for name, digest in data["drawings"]),
        "tests": tuple(_made(Test, test) for test in data["tests"]),
    }
    return _made(CellRecord, parts)


def _made(kind: type[T], data: dict[str, Any]) -> T:
    """`kind` from values of the declared types. Raises TypeError, ValueError, OverflowError for any other."""
    for each in dataclasses.fields(kind):  # type: ignore[arg-type]
        if each.name in data:
            _check(data[each.name], str(each.type))
    return kind(**data)


def _check(value: Any, declared: str) -> None:
    plain = PLAIN.get(declared, ())
    if plain and type(value) not in plain:
        raise TypeError(f"{value!r} is no {declared}")
    if float in plain and not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{value} is no measurement")
    if dict in plain:
        for text in (*value.keys(), *value.values()):
            _check(text, "str")


def _text(value: Any) -> str:
    _check(value, "str")
    return str(value)


def _digest(body: dict[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
