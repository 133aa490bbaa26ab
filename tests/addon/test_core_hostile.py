"""The list of hostile decks: thirty, each with tests that are there, one of them in the real Anki window."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_hostile_deck_has_its_test_in_the_window() -> None:
    rows = re.findall(r"(?m)^\| (\d+) \|.*\| (.*) \|$", (HERE / "hostile.md").read_text("utf-8"))
    assert [int(number) for number, _ in rows] == list(range(1, 31))
    core, window = defined("test_core_*.py"), defined("test_window_*.py")
    for number, names in rows:
        named = set(re.findall(r"`(\w+)`", names))
        assert named <= core | window, named - core - window
        assert named & window, f"row {number} has no test in the window"


def defined(files: str) -> set[str]:
    """The names of the tests in these files."""
    sources = "".join(path.read_text("utf-8") for path in HERE.glob(files))
    return set(re.findall(r"(?m)^def (test_\w+)", sources))
