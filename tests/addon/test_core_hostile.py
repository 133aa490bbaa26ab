"""The list of hostile decks: thirty, each with a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_hostile_deck_has_its_test() -> None:
    rows = re.findall(r"(?m)^\| (\d+) \|.*\| (.*) \|$", (HERE / "hostile.md").read_text("utf-8"))
    assert [int(number) for number, _ in rows] == list(range(1, 31))
    sources = "".join(path.read_text("utf-8") for path in HERE.glob("test_*.py"))
    tests = set(re.findall(r"(?m)^def (test_\w+)", sources))
    named = {name for _, names in rows for name in re.findall(r"`(\w+)`", names)}
    assert named <= tests, named - tests
