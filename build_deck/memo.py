"""Remember pure results between builds, keyed by content: delete `.build/` and everything is computed again.

Each result is pickled on its own: a build reads what it asks for and writes again only what is new.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import operator
import os
import pickle
from collections.abc import Callable, Hashable, Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any


def code_version(package: Path) -> str:
    """A digest that changes when any file of the program changes; results of other code are never reused."""
    lines: list[str] = []
    for folder, _, names in os.walk(package):
        for name in names:
            if not name.endswith(".pyc"):
                path = os.path.join(folder, name)  # noqa: PTH118  (pathlib takes three times as long)
                stat = os.stat(path)  # noqa: PTH116
                lines.append(f"{os.path.relpath(path, package)} {stat.st_size} {stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


class Memo:
    """A mapping from content keys to results, kept in one file that checks itself.

    A missing, torn or foreign file is an empty memo. Keys that a build did not ask for are dropped on `save`.
    """

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = version
        self._old = self._load()
        self._used: dict[str, bytes] = {}

    def get(self, key: str) -> Any:
        """The remembered result, or None; a new object each time."""
        data = self._used.get(key) or self._old.get(key)
        if data is None:
            return None
        self._used[key] = data
        return pickle.loads(data)  # noqa: S301  (our own file, its digest checked)

    def keep(self, keys: Iterable[str]) -> None:
        """Do not forget these, although nothing asked for them: they are parts of a result that still holds."""
        self._used.update((key, self._old[key]) for key in keys if key in self._old and key not in self._used)

    def put(self, key: str, value: Any) -> None:
        """Remember `value`; it must survive pickling."""
        buffer = io.BytesIO()
        _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(value)
        self._used[key] = buffer.getvalue()

    def save(self) -> None:
        """Write what this build used, unless the file already holds exactly these keys.

        Two commands that save at the same moment may spoil the file, which is then an empty memo; neither fails.
        Raises OSError, which names the file.
        """
        if self._used.keys() == self._old.keys():
            return
        payload = pickle.dumps((self._version, self._used), protocol=pickle.HIGHEST_PROTOCOL)
        temporary = self._path.with_suffix(".tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as stream:
                stream.writelines((hashlib.sha256(payload).digest(), payload))
            with contextlib.suppress(FileNotFoundError):  # the other command has moved it
                temporary.replace(self._path)
        except OSError as fault:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise OSError(fault.errno, fault.strerror, str(self._path)) from fault

    def _load(self) -> dict[str, bytes]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        payload = memoryview(data)[32:]
        if hashlib.sha256(payload).digest() != data[:32]:
            return {}
        version, entries = pickle.loads(payload)  # noqa: S301  (our own file, its digest checked)
        return dict(entries) if version == self._version else {}


class _Pickler(pickle.Pickler):
    """Frozen records at a third of the price: the standard way looks up every field of every object."""

    def reducer_override(self, obj: Any) -> Any:
        kind: Any = type(obj)
        values = _reader(kind)
        return NotImplemented if values is None else (_restore, (kind, values(obj)))


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()


@cache
def _reader(kind: Hashable) -> Callable[[Any], tuple[Any, ...]] | None:
    names = _names(kind)
    if len(names) > 1:
        return operator.attrgetter(*names)
    return (lambda obj: (getattr(obj, names[0]),)) if names else None


def _restore(kind: Hashable, values: tuple[Any, ...]) -> Any:
    record: Any = object.__new__(kind)  # type: ignore[arg-type]  # a type, and mypy holds no type hashable
    # a loop in C over the slots; every __setattr__ returns None, so `any` runs to the end
    any(map(object.__setattr__, repeat(record), _names(kind), values))
    return record
