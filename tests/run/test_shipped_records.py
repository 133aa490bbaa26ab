"""The records that ship: who ran what is in each of them, and what they froze can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from build_deck.run.ground import PRELOADED

TOP = {env: {name.partition(".")[0] for name in modules} for env, modules in PRELOADED.items()}


@pytest.fixture(scope="module")
def cells(project: Path) -> dict[str, dict[str, Any]]:
    """By card and cell."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(project.glob("figures/*/record.json"))]
    return {f"{record['card']}/{name}": cell for record in records for name, cell in record["cells"].items()}


def test_every_record_names_its_processor_or_device(cells: dict[str, dict[str, Any]]) -> None:
    assert len(cells) > 100
    tools = {name: cell["toolchain"] for name, cell in cells.items()}
    assert [name for name, tool in tools.items() if not (tool["cpu"] and tool["python"] and tool["machine"])] == []
    assert [name for name, tool in tools.items() if tool["device"] != "cpu" and not tool["driver"]] == []
    assert [name for name, cell in cells.items() if cell["seconds"] < 0 or cell["peak_mib"] < 100] == []  # torch alone


def test_every_record_names_the_libraries_of_its_environment(cells: dict[str, dict[str, Any]]) -> None:
    said = {(cell["env"], frozenset(cell["toolchain"]["packages"])) for cell in cells.values()}
    assert {env for env, _ in said} == {"core", *TOP}
    assert [env for env, names in said if not names >= TOP.get(env, set())] == []


def test_no_frozen_text_has_a_broken_character(project: Path) -> None:
    texts = sorted(project.glob("figures/*/*.txt"))
    assert len(texts) > 80
    assert [path.name for path in texts if "\ufffd" in path.read_text(encoding="utf-8")] == []
