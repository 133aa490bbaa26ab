"""Input/expected pairs out of `tests/cases/parse-*.md`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parent.parent / "cases"
_CASE = re.compile(
    r"^## (?P<name>.+?)\n+(?P<fence>`{5,})md\n(?P<given>.*?)\n?(?P=fence)\n+`{5,}text\n(?P<wanted>.*?)\n?`{5,}$",
    re.M | re.S,
)


def cases(path: Path) -> list[tuple[str, str, str]]:
    """Name, answer file and expected dump of every case in a file; a case of another form is a failure."""
    text = path.read_text(encoding="utf-8")
    found = [match.group("name", "given", "wanted") for match in _CASE.finditer(text)]
    outside = _CASE.sub("", text)
    assert not re.search(r"^## |^`{5}", outside, re.M), f"a case of {path.name} is not of the form of the others"
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per case of the files that the test's module names in `CASE_FILES`."""
    if "given" in metafunc.fixturenames:
        paths = sorted(CASES.glob(metafunc.module.CASE_FILES))
        found = [(f"{path.stem}: {case[0]}", *case[1:]) for path in paths for case in cases(path)]
        metafunc.parametrize(("given", "wanted"), [case[1:] for case in found], ids=[case[0] for case in found])
