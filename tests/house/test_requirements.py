"""Pins: every requirement is exact and hashed, torch stands apart, and no file names a registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "requirements"
HASHED = sorted(path for path in FOLDER.glob("*.txt") if not path.name.endswith(".torch.txt"))


@pytest.mark.parametrize("path", HASHED, ids=lambda path: path.name)
def test_every_requirement_is_exact_and_hashed(path: Path) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", path.read_text(encoding="utf-8")).strip())
    assert len(entries) > 3 or path.name.endswith(".source.txt")
    loose = [entry.splitlines()[0] for entry in entries if not re.match(r"[\w.-]+(\[\w+\])?==\S+", entry)]
    unhashed = [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not loose, loose
    assert not unhashed, unhashed


def test_torch_is_pinned_apart() -> None:
    assert not [path.name for path in HASHED if re.search(r"(?m)^torch==", path.read_text(encoding="utf-8"))]
    for path in FOLDER.glob("*.torch.txt"):
        assert re.fullmatch(r"torch==[\d.]+\n", path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_registry_is_named(path: Path) -> None:
    assert "://" not in path.read_text(encoding="utf-8")
