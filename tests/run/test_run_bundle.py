"""Cells go out as one file, run in a bare interpreter, come back as records; whatever is not this tree's is refused."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from small_deck import Deck, card, cell, corpus, mutant

from build_deck import run
from build_deck.cells.protocol import Interpreter, Job, Snippet
from build_deck.cells.records import digest
from build_deck.cells.runner import Engine, outcomes
from build_deck.cli import main
from build_deck.model.card import Card
from build_deck.model.outcome import Level

KERNEL = "__global__ void one(float* x) { x[threadIdx.x] = 1; }"
LAUNCH = "x = torch.zeros(4)\ncuda('kernel').one[1, 4](x)\nassert x.sum() == 4"


def measuring(source: str = "assert sum(range(3)) == 3\nprint('three', 0.1 + 0.2)\nreport(3)") -> Card:
    return card(
        "measured",
        cell("here", "assert True"),
        cell("kernel", KERNEL, language="cuda"),
        cell("there", "import torch\n" + source, needs=("cuda",)),
        cell("launched", "import torch\n" + LAUNCH, needs=("cuda",)),
        mutants=(mutant("there", "range(3)", "range(4)", "one more"),),
    )


def bundled(deck: Deck, *cards: Card, python: Path) -> dict[str, Any]:
    """What the file that `cards` are exported to writes."""
    bundle = run.export(corpus(*cards), deck.ground, "cuda")
    assert bundle.problems == ()
    program = deck.ground.root / "bundle.py"
    program.write_text(bundle.program, encoding="utf-8")
    ended = subprocess.run(
        [python, "-I", program], cwd="/", env={"PATH": "/usr/bin"}, capture_output=True, text=True, timeout=200,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines()[0].startswith("cells: 2 processes, with cpu")
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.fixture(scope="module")
def records(project: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The records of `measuring`, from the core environment's interpreter, that sees nothing of this checkout."""
    root = tmp_path_factory.mktemp("cuda")
    ground = run.Ground.at(project)
    (root / "requirements").symlink_to(project / "requirements")
    with run.EnginePool() as pool:
        deck = Deck(run.Ground.at(root, ground.envs), pool)
        return json.dumps(bundled(deck, measuring(), python=project / ".envs" / "core" / "bin" / "python"))


def changed(records: str, **values: Any) -> str:
    """The same records with one of their fields replaced, sealed again."""
    body = json.loads(records)
    body.pop("digest")
    body["records"][0].update(values)
    return json.dumps({**body, "digest": digest(body)})


@pytest.mark.cells
def test_records_come_back_and_hold(deck: Deck, records: str) -> None:
    deck.run(measuring())
    assert "there" not in run.card_evidence(measuring(), deck.ground).cells
    taken = run.take(records, "records.json", corpus(measuring()), deck.ground)
    assert (taken.problems, len(taken.tasks), taken.wrote) == ((), 2, 2)
    evidence = run.card_evidence(measuring(), deck.ground)
    assert evidence.cells["there"].stdout == "three 0.30000000000000004\n"
    assert evidence.cells["there"].level is Level.EXECUTED_CPU
    assert [(each.name, each.killed) for each in evidence.mutants] == [("one more", True)]
    assert evidence.cells["launched"].level is Level.SIMULATED
    assert evidence.cells["kernel"].level is Level.COMPILED
    again = run.take(records, "records.json", corpus(measuring()), deck.ground)
    assert (again.problems, again.wrote) == ((), 0)
    assert run.export(corpus(measuring()), deck.ground, "cuda").tasks == ()
    assert len(run.export(corpus(measuring()), deck.ground, "cuda", everything=True).tasks) == 2


def test_records_of_a_gpu_name_it_and_outlive_another_environment(deck: Deck, records: str) -> None:
    chain = json.loads(records)["records"][0]["toolchain"]
    text = changed(records, toolchain={**chain, "device": "NVIDIA H100", "driver": "580.65", "date": "2026-11-24"})
    assert run.take(text, "records.json", corpus(measuring()), deck.ground).problems == ()
    cell_of = run.card_evidence(measuring(), deck.ground).cells["there"]
    assert (cell_of.level, cell_of.toolchain.device) == (Level.EXECUTED_GPU, "NVIDIA H100")
    # the same outcome without a GPU says nothing new
    run.take(records, "records.json", corpus(measuring()), deck.ground)
    assert run.card_evidence(measuring(), deck.ground).cells["there"].level is Level.EXECUTED_GPU


def test_what_was_changed_on_the_way_is_refused_whole(deck: Deck, records: str) -> None:
    for text in (records.replace("three 0.3", "three 0.4"), records[:-9], "[]", "{}", "null"):
        taken = run.take(text, "records.json", corpus(measuring()), deck.ground)
        assert ([each.code for each in taken.problems], taken.wrote) == (["R016"], 0)
    assert not deck.file("measured").exists()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"card": "foreign"}, "foreign/there: this deck has no such process"),
        ({"process": "core"}, "measured/core was recorded from other code: export it again"),
        ({"keys": {}}, "measured/there was recorded from other code: export it again"),
        ({"cells": []}, "measured/there: its outcomes are not those of its cells"),
        ({"cells": 3}, "measured/there: its outcomes are not those of its cells"),
        ({"mutants": [["unknown", []]]}, "measured/there: its outcomes are not those of its cells"),
        ({"toolchain": {"shell": "sh"}}, "measured/there: its outcomes are not those of its cells"),
    ],
)
def test_what_is_not_of_this_tree_is_refused_and_the_rest_is_taken(
    deck: Deck, records: str, values: dict[str, Any], says: str
) -> None:
    taken = run.take(changed(records, **values), "records.json", corpus(measuring()), deck.ground)
    assert [(each.code, each.text) for each in taken.problems] == [("R016", says)]
    assert [task.process.name for task in taken.tasks] == ["launched"]


def test_a_name_that_leads_out_of_its_folder_is_refused(deck: Deck, records: str) -> None:
    cells = json.loads(records)["records"][0]["cells"]
    cells[-1]["drawings"] = [{"name": "../../escaped", "svg": "<svg/>"}]
    taken = run.take(changed(records, cells=cells), "records.json", corpus(measuring()), deck.ground)
    assert [each.code for each in taken.problems] == ["R016"]
    assert not (deck.ground.root / "escaped.svg").exists()


def test_all_that_is_stale_is_told_at_once(deck: Deck, records: str) -> None:
    taken = run.take(records, "records.json", corpus(measuring("assert True\nrange(3)")), deck.ground)
    assert [each.code for each in taken.problems] == ["R016"]
    later = card("measured", *(cell(each.id, each.source + "\n1") for each in measuring().cells))
    taken = run.take(records, "records.json", corpus(later), deck.ground)
    assert len(taken.problems) == 2
    assert taken.wrote == 0


def test_a_failed_cell_is_a_problem_and_is_not_frozen(deck: Deck, records: str) -> None:
    cells = json.loads(records)["records"][0]["cells"]
    cells[-1].update(status="failed", error="RuntimeError: no kernel image")
    taken = run.take(changed(records, cells=cells, mutants=[]), "records.json", corpus(measuring()), deck.ground)
    assert [each.code for each in taken.problems] == ["R001"]
    assert "there" not in run.card_evidence(measuring(), deck.ground).cells


def test_cells_that_draw_other_languages_and_missing_inputs_do_not_travel(deck: Deck) -> None:
    drawing = card("drawn", cell("curve", "1", needs=("cuda",), figure="曲线"))
    other = card("other", cell("query", "select 1", needs=("cuda",), language="sql"))
    reading = card("reading", cell("read", "1", needs=("cuda",), inputs=("nowhere.txt",)))
    bundle = run.export(corpus(drawing, other, reading), deck.ground, "cuda")
    assert ([each.code for each in bundle.problems], bundle.program) == (["R017", "R017", "R011"], "")
    chosen = run.export(corpus(drawing, other), deck.ground, "cuda", frozenset({"other"}))
    assert [task.process.card for task in chosen.tasks] == ["other"]


@pytest.mark.cells
def test_where_there_is_a_gpu_the_caller_s_environment_counts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    python = project / ".envs" / "core" / "bin" / "python"
    code = "import os\nprint(*map(os.environ.get, ('CUDA_VISIBLE_DEVICES', 'TRITON_INTERPRET', 'PYTHONHASHSEED')))"
    with Engine(Interpreter(str(python), modules=(), spawn=True, gpu=True)) as engine:
        assert (engine.toolchain.device, engine.toolchain.date) == ("cpu", "")
        (ended,) = outcomes(engine.run(Job("a", (Snippet("c", code, "x.md", 1),))))
    assert ended.stdout == "7 0 0\n"


DECK = """sections:
  - id: gpu-cuda
    title: GPU
    topics:
      kernels: [measured]
"""
CARDS = """# 核函数

1) 量一量？ {#measured}

- 标准答：量。
- 代码：在别处量。

```python {#there needs=cuda}
assert 1 + 1 == 2
```
"""


def test_the_commands_lead_there_and_back(project: Path, tmp_path: Path) -> None:
    (tmp_path / "source" / "gpu-cuda").mkdir(parents=True)
    (tmp_path / "source" / "deck.yaml").write_text(DECK, encoding="utf-8")
    (tmp_path / "source" / "gpu-cuda" / "kernels.md").write_text(CARDS, encoding="utf-8")
    (tmp_path / "requirements").symlink_to(project / "requirements")
    root = ("--root", str(tmp_path))
    told = CliRunner().invoke(main, ["run", "--export-cells", "needs=cuda", *root])
    assert told.exit_code == 0, told.output
    assert "- measured: there" in told.stdout
    assert "1 processes: python bundle.py > records.json" in told.stderr
    program, written = tmp_path / "bundle.py", tmp_path / "records.json"
    program.write_text(told.stdout, encoding="utf-8")
    python = project / ".venv" / "bin" / "python"
    ended = subprocess.run([python, program], capture_output=True, text=True, timeout=200, check=True)
    written.write_text(ended.stdout, encoding="utf-8")
    told = CliRunner().invoke(main, ["run", "--import-records", str(written), *root])
    assert told.stdout == "1 processes taken over, 1 cards changed · 0 errors, 0 warnings\n"
    assert (tmp_path / "figures" / "measured" / "record.json").is_file()
    told = CliRunner().invoke(main, ["run", "--export-cells", "needs=cuda", *root])
    assert (told.exit_code, "waits for a record" in told.output) == (2, True)
    assert CliRunner().invoke(main, ["run", "--export-cells", "cuda", *root]).exit_code == 2
