"""Input/expected pairs out of `tests/cases/render-*.md`, and the faces."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from build_deck.model.note import Face, NoteType
from build_deck.render import faces

CASES = Path(__file__).resolve().parent.parent / "cases"
_CASE = re.compile(
    r"^## (?P<name>.+?)\n+(?P<fence>`{4,})md\n(?P<given>.*?)\n?(?P=fence)\n+`{4,}html\n(?P<wanted>.*?)\n?`{4,}$",
    re.M | re.S,
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per case of the file that the test's module names in `CASE_FILE`."""
    if "given" in metafunc.fixturenames:
        path = CASES / metafunc.module.CASE_FILE
        text = path.read_text(encoding="utf-8")
        found = [match.group("name", "given", "wanted") for match in _CASE.finditer(text)]
        assert len(found) == len(re.findall(r"^## ", text, re.M)), (
            f"a case of {path.name} is not of the form of the others"
        )
        metafunc.parametrize(("given", "wanted"), [pair[1:] for pair in found], ids=[pair[0] for pair in found])


@pytest.fixture(scope="session")
def face() -> dict[NoteType, Face]:
    """The faces by note type."""
    return {each.note_type: each for each in faces()}
