"""Remember pure results between builds, keyed by content: delete `.build/` and everything is computed again."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any


def code_version(package: Path) -> str:
    """A digest that changes when any file of the program changes; results of other code are never reused."""
    entries = sorted((str(path.relative_to(package)), path.stat()) for path in package.rglob("*") if path.is_file())
    lines = (f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in entries if not name.endswith(".pyc"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Memo:
    """A mapping from content keys to results, kept in one file that checks itself.

    A missing, torn or foreign file is an empty memo. Keys that a build did not ask for are dropped on `save`.
    """

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = version
        self._old = self._load()
        self._new: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        """The remembered result, or None."""
        if key in self._old:
            self._new[key] = self._old[key]
        return self._new.get(key)

    def put(self, key: str, value: Any) -> None:
        """Remember `value`; it must survive pickling."""
        self._new[key] = value

    def save(self) -> None:
        """Write what this build used, unless the file already holds exactly these keys."""
        if self._new.keys() == self._old.keys():
            return
        payload = pickle.dumps((self._version, self._new), protocol=pickle.HIGHEST_PROTOCOL)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".tmp")
        temporary.write_bytes(hashlib.sha256(payload).digest() + payload)
        temporary.replace(self._path)

    def _load(self) -> dict[str, Any]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        if hashlib.sha256(data[32:]).digest() != data[:32]:
            return {}
        version, entries = pickle.loads(data[32:])  # noqa: S301  (our own file, its digest checked)
        return dict(entries) if version == self._version else {}
