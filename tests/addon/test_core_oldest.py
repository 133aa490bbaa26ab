"""The core of the add-on at work under this Python and under the oldest Anki's, which is 3.9."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from build_deck import render, run
from build_deck.bootstrap import OLDEST_ANKI, python_of
from build_deck.cells.identity import digest
from build_deck.parse import corpus as parse

pytestmark = pytest.mark.cells
HERE = Path(__file__).parent
PYTHONS = [Path(sys.executable), pytest.param(python_of(OLDEST_ANKI), marks=pytest.mark.oldest)]


@pytest.mark.parametrize("python", PYTHONS, ids=["this", "oldest"])
def test_it_reads_asks_runs_stops_and_remembers(addon: Path, project: Path, python: Path, tmp_path: Path) -> None:
    corpus, _ = parse.load(project)
    evidence = run.load_evidence(corpus, run.Ground.at(project))
    fields = tmp_path / "fields.json"
    fields.write_text(json.dumps([render.encode_cells(card, evidence.get(card.id or "")) for card in corpus.cards]))
    torch, data = python_of(project / ".envs" / "core"), tmp_path / "data"
    data.mkdir()
    command = [python, "-B", HERE / "core_process.py", addon, fields, torch, data]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert told.returncode == 0, told.stderr[-3000:]
    seen = json.loads(told.stdout)
    assert seen["version"] == (f"3.{sys.version_info[1]}" if python == Path(sys.executable) else "3.9")
    assert (seen["refused"], seen["lacking"]) == ([], [])
    assert (seen["question"], seen["declined"]) == ("# a\n⟦U+3164⟧ = 1", "refused")
    assert (seen["verdict"], seen["output"], seen["error"]) == ("same", [["stdout", "sum 3.0\n"]], "")
    assert (seen["figures"], seen["svg"]) == (["图"], True)
    assert "torch 2." in seen["about"]
    assert (seen["stopped"], seen["approved"]) == ("stopped", [2, 2])
    assert seen["found"] == [str(torch)]
    assert seen["digest"] == digest(seen["entry"])
