"""Stage the add-on and zip it: its own files, the shared `cells`, the figures' style and font, the cells that it knows.

Nothing is staged twice in the repository, and tests import what was staged, so that they exercise what ships. The same
bytes whatever the date, folder and locale. Runs nothing.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from build_deck.cells.identity import digest
from build_deck.files import write_if_changed
from build_deck.pack.ledger import BIRTH

PACKAGE, NAME = "proofdeck", "ProofDeck · 运行卡片里的代码 / run the code of a card"
OLDEST_ANKI = 250200
TESTED_ANKI = 260903
"""The newest that it was tested on, a remark for Anki: only a negative number would keep a newer one away."""
KNOWN = "known.txt"
HOME = Path(__file__).resolve().parents[2]
ADDON, CELLS, DRAW = HOME / "anki_addon", HOME / "build_deck" / "cells", HOME / "build_deck" / "draw"
RELEASED = ADDON / "released.txt"
"""Digests of every cell ever released, one a line; only a release appends."""
KINDS = {".py", ".h", ".js", ".css", ".json", ".md"}
STYLE = ("figure.mplstyle", "fonts/NotoSansCJKsc-subset.otf", "fonts/OFL.txt")
SOURCES = "editor"
"""Folder whose files are built into others and do not ship."""
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddonParts:
    """What of an add-on comes from the deck."""

    version: str
    known: frozenset[str]
    """Digests of the deck's cells."""
    inputs: Mapping[str, bytes]
    """Files that cells declare, by their path in the project."""


def known(fields: Iterable[str]) -> frozenset[str]:
    """The digests of all cells in these `Cells` fields."""
    documents = (json.loads(zlib.decompress(base64.b64decode(field))) for field in fields if field)
    return frozenset(digest(entry) for document in documents for entry in document["cells"])


def stage(parts: AddonParts) -> dict[str, bytes]:
    """Every file of the add-on by its path in the package."""
    released = RELEASED.read_text(encoding="ascii").split() if RELEASED.is_file() else []
    files = dict(_own())
    files |= {f"cells/{name}": data for name, data in _sources(CELLS)}
    files |= {f"style/{Path(name).name}": (DRAW / name).read_bytes() for name in STYLE}
    files |= {f"inputs/{name}": data for name, data in parts.inputs.items()}
    files[KNOWN] = "".join(f"{each}\n" for each in sorted({*released, *parts.known})).encode()
    files["manifest.json"] = _manifest(parts.version)
    return files


def write_addon(files: Mapping[str, bytes], path: Path) -> int:
    """Write the `.ankiaddon` atomically, unless the file holds exactly that already; its size in bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[name])
    write_if_changed(path, buffer.getvalue())
    return len(buffer.getvalue())


def _own() -> Iterator[tuple[str, bytes]]:
    yield from _sources(ADDON)
    yield "LICENSE", (ADDON / "LICENSE").read_bytes()
    yield "user_files/README.txt", b"What you decide (interpreter, approvals) lies here and survives updates.\n"


def _sources(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith((".", "__pycache__", "node_modules")) for part in inside.parts)
        if path.is_file() and path.suffix in KINDS and not hidden and inside.parts[0] not in (SOURCES, "user_files"):
            yield inside.as_posix(), path.read_bytes()


def _manifest(version: str) -> bytes:
    manifest = {
        "package": PACKAGE, "name": NAME, "human_version": version, "min_point_version": OLDEST_ANKI,
        "max_point_version": TESTED_ANKI, "mod": BIRTH,
    }  # fmt: skip
    return (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
