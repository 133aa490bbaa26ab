"""Which code may run: what was shipped with the add-on, and what this profile's user has approved, by its digest.

Knows no signatures and believes nothing that comes with a deck. Approvals lie in `user_files`, one file for a profile:
not in the collection, which syncs and is imported, and not where an update of the add-on would take them away.
"""

import contextlib
import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import FrozenSet, Iterable, Optional, Set

KNOWN = "known.txt"
"""One SHA-256 a line: every cell of the deck at this version and in every release before it."""
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
VERSION = 1
MOST_BYTES = 4 << 20


class Trust:
    """Known and approved digests, and the decks that were told not to ask again."""

    def __init__(self, package: Path, profile: str) -> None:
        """`package`: the add-on's folder; `profile`: the profile's folder, of which only a hash is kept."""
        self._package = package
        name = hashlib.sha256(os.path.realpath(profile).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self._file = package / "user_files" / ("approved-%s.json" % name)
        self._known: Optional[FrozenSet[str]] = None
        self._approved: Set[str] = set()
        """To run in the sandbox."""
        self._bare: Set[str] = set()
        """To run without one, or in it."""
        self._muted: Set[str] = set()
        self._load()

    def ships(self, digest: str) -> bool:
        """Whether code with this digest came with the add-on."""
        if self._known is None:
            self._known = _shipped(self._package / KNOWN)
        return digest in self._known

    def knows(self, digest: str, *, bare: bool) -> bool:
        """Whether code with this digest may run without a question; `bare`: without a sandbox."""
        return self.ships(digest) or digest in self._bare or (not bare and digest in self._approved)

    def approve(self, digests: Iterable[str], *, bare: bool) -> None:
        """The user has seen this code and lets it run as the question said, now and later."""
        approved = self._bare if bare else self._approved
        approved.update(digest for digest in digests if DIGEST.match(digest))
        self._save()

    def is_muted(self, deck: str) -> bool:
        """Whether unknown code of this deck is refused without a question."""
        return deck in self._muted

    def mute(self, deck: str) -> None:
        """Do not ask again for this deck."""
        self._muted.add(deck)
        self._save()

    @property
    def approved(self) -> int:
        """How many cells this profile's user has approved."""
        return len(self._approved | self._bare)

    @property
    def muted(self) -> int:
        """How many decks may not ask."""
        return len(self._muted)

    def forget(self) -> None:
        """Take every approval and every “not again” back."""
        for decided in (self._approved, self._bare, self._muted):
            decided.clear()
        self._save()

    def _load(self) -> None:
        # a file that is damaged, or too large to be ours, approves nothing
        with contextlib.suppress(OSError, ValueError, RecursionError):
            if self._file.stat().st_size > MOST_BYTES:
                return
            data = json.loads(self._file.read_text(encoding="utf-8"))
            if isinstance(data, dict) and data.get("version") == VERSION:
                self._approved = {each for each in _strings(data, "approved") if DIGEST.match(each)}
                self._bare = {each for each in _strings(data, "bare") if DIGEST.match(each)}
                self._muted = set(_strings(data, "muted"))

    def _save(self) -> None:
        lists = {"approved": self._approved, "bare": self._bare, "muted": self._muted}
        data = {"version": VERSION, **{name: sorted(each) for name, each in lists.items()}}
        # where nothing can be written, what was decided holds until Anki ends
        with contextlib.suppress(OSError):
            write(self._file, json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def write(path: Path, text: str) -> None:
    """Replace the file as a whole; a crash of Anki leaves the old one. Raises OSError, also when the add-on's folder is
    gone: one that was deleted does not come back.

    It does not wait for the disk, which may take seconds, since it is called on the window's thread: where the power
    fails just then, a damaged file approves nothing, and what it held is asked again.
    """
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=str(path.parent), prefix=".%s." % path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _shipped(path: Path) -> FrozenSet[str]:
    try:
        lines = path.read_text(encoding="ascii", errors="replace").split()
    except OSError:
        return frozenset()
    return frozenset(line for line in lines if DIGEST.match(line))


def _strings(data: "dict[str, object]", key: str) -> Iterable[str]:
    values = data.get(key)
    return (each for each in values if isinstance(each, str)) if isinstance(values, list) else ()
