"""One card or a small deck, parsed from text and checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from checked_deck import PATH, Check, corpus_of

from build_deck.check import check


@pytest.fixture
def checked(tmp_path: Path) -> Check:
    """Check texts and give `line:col CODE severity` of each problem, those of the codes asked for."""

    def run(*texts: str, only: str = "C", planned: tuple[str, ...] = ()) -> list[str]:
        problems = check(corpus_of(*texts, planned=planned), tmp_path)
        assert all(item.hint for item in problems)
        kept = [item for item in problems if item.code.startswith(only)]
        names = {PATH: "", "source/rag/other.md": "other:"}
        return [f"{names[item.span.path]}{item.span.line}:{item.span.col} {item.code} {item.severity}" for item in kept]

    return run
