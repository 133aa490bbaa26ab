"""What runs for a cell is what the pipeline runs, up to that cell; what it needs is found out before it starts."""

from __future__ import annotations

import base64
import venv
from pathlib import Path
from typing import Any

import pytest
from cells_text import entry, field
from staged import Core

from build_deck import render, run
from build_deck.parse import corpus as parse
from build_deck.run.process import Given, job, processes

LIMIT = 20.0


def ids(core: Core, text: str, target: str) -> list[str]:
    asked = core.jobs.plan(core.note.decode(text), target)
    return [cell.id for cell in asked.cells]


def test_every_cell_of_the_deck_runs_with_the_cells_that_the_pipeline_gives_it(
    core: Core, project: Path, addon: Path
) -> None:
    corpus, _ = parse.load(project)
    evidence = run.load_evidence(corpus, run.Ground.at(project))
    count = 0
    for card in corpus.cards:
        text = render.encode_cells(card, evidence.get(card.id or ""))
        for process in processes(card):
            files = {name: base64.b64encode((project / name).read_bytes()).decode() for name in process.inputs}
            theirs = job(process, Given(files=files))
            target = process.own[0 if process.is_stub else -1].id
            asked = core.jobs.plan(core.note.decode(text), target)
            ours = core.jobs.job(asked, LIMIT, addon / "inputs")
            same = ("id", "source", "raises", "tests", "language", "ready")
            assert [[getattr(each, name) for name in same] for each in ours.snippets] == [
                [getattr(each, name) for name in same] for each in theirs.snippets
            ], f"{card.id}/{target}"
            assert ours.files == theirs.files
            if not process.is_stub:
                assert [each.draws for each in ours.snippets] == [each.draws for each in theirs.snippets]
            count += len(process.own)
    assert count > 90


CARD = field(
    entry("one", "x = 1"), entry("other", "", env="hf"), entry("kernel", "", language="cuda"),
    entry("two", "y = 2"), entry("gpu", "", needs=["cuda"]), entry("three", "result('gpu')"),
)  # fmt: skip
KATA = field(
    entry("stub", "", role="stub"), entry("solution", "", role="solution"), entry("tests-1", "", role="tests"),
    entry("tests-2", "", role="hidden-tests"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "target", "cells"),
    [
        (CARD, "one", ["one"]),
        (CARD, "other", ["other"]),
        (CARD, "two", ["one", "kernel", "two"]),
        (CARD, "gpu", ["kernel", "gpu"]),
        (CARD, "three", ["one", "kernel", "two", "three"]),
        (KATA, "solution", ["solution"]),
        (KATA, "tests-1", ["solution", "tests-1"]),
        (KATA, "tests-2", ["solution", "tests-1", "tests-2"]),
        (KATA, "stub", ["stub", "tests-1", "tests-2"]),
    ],
)
def test_which_cells_run(core: Core, text: str, target: str, cells: list[str]) -> None:
    assert ids(core, text, target) == cells


def test_a_cell_that_is_not_there_has_no_plan(core: Core) -> None:
    assert core.jobs.plan(core.note.decode(CARD), "four") is None


def test_what_was_measured_elsewhere_is_handed_on(core: Core, addon: Path) -> None:
    text = field(entry("gpu", "", needs=["cuda"], result={"ms": 1.5}), entry("draw", "result('gpu')"))
    made = core.jobs.job(core.jobs.plan(core.note.decode(text), "draw"), LIMIT, addon)
    assert made.results == {"gpu": {"ms": 1.5}}


@pytest.mark.parametrize(("own", "limit", "allowed"), [(20, 60, 60), (300, 60, 300), (3600, 60, 600), (20, 600, 600)])
def test_time_is_the_longer_of_the_cards_and_the_learners_and_never_endless(
    core: Core, addon: Path, own: float, limit: float, allowed: float
) -> None:
    asked = core.jobs.plan(core.note.decode(field(entry("a", "", timeout=float(own)))), "a")
    assert core.jobs.job(asked, limit, addon).snippets[0].timeout == allowed


def test_a_gpu_cell_is_not_bound_in_memory_and_others_are(core: Core, addon: Path) -> None:
    card = core.note.decode(CARD)
    bound = {name: core.jobs.job(core.jobs.plan(card, name), LIMIT, addon).limits.memory for name in ("one", "gpu")}
    assert bound["one"] == 2 << 30 < bound["gpu"]


def test_a_file_that_did_not_come_with_the_add_on_is_not_taken_from_elsewhere(core: Core, tmp_path: Path) -> None:
    asked = core.jobs.plan(core.note.decode(field(entry("a", "", inputs=["source/x.py"]))), "a")
    with pytest.raises(FileNotFoundError):
        core.jobs.job(asked, LIMIT, tmp_path)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import torch.nn as nn, json\nfrom matplotlib import pyplot", {"torch", "matplotlib"}),
        ("def f():\n    import faiss", {"faiss"}),
        ("try:\n    import triton\nexcept ImportError:\n    pass", set()),
        ("from . import x", set()),
        ("this is no python", set()),
        ("(" * 5000, set()),
        ("match x:\n    case 1:\n        import jieba", {"jieba"}),
    ],
)
def test_what_a_cell_imports(core: Core, source: str, found: set[str]) -> None:
    asked = core.jobs.plan(core.note.decode(field(entry("a", source))), "a")
    assert core.jobs.modules(asked) == found


def python(core: Core, modules: str = "torch", devices: tuple[str, ...] = ("cpu",)) -> object:
    return core.pythons.Python("/x/python", "config", "3.12.0", devices=devices, modules=frozenset(modules.split()))


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (entry("a", "import torch"), ""),
        (
            entry("a", "import torch, sklearn, jieba"),
            '/x/python lacks jieba, sklearn. Install: "/x/python" -m pip install jieba scikit-learn',
        ),
        (entry("a", "", needs=["triton"]), '/x/python lacks triton. Install: "/x/python" -m pip install triton'),
        (entry("a", "", needs=["cuda"]), "This cell needs an NVIDIA GPU and a torch that was built for it."),
        (entry("a", "", language="rust"), "Runs in the pipeline only: rust."),
        (entry("a", "import tiny", inputs=["source/tiny.py"]), ""),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(core: Core, cell: dict[str, object], said: str) -> None:
    asked = core.jobs.plan(core.note.decode(field(cell)), "a")
    settings = core.settings.Settings(python="/x/python")
    assert core.needs.lacking(asked, python(core), settings, core.strings.Words("en")) == said


def test_programs_are_looked_for_where_cells_would_find_them(
    core: Core, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "a-compiler"
    program.parent.mkdir()
    program.touch(0o755)
    asked = core.jobs.plan(core.note.decode(field(entry("a", ""))), "a")
    monkeypatch.setattr(core.needs, "programs", lambda _: [program.name])
    near = core.pythons.Python(str(program.with_name("python")), "config", "3.12.0", modules=frozenset())

    def lacking(each: Any) -> str:
        return str(core.needs.lacking(asked, each, core.settings.Settings(), core.strings.Words("en")))

    assert lacking(near) == ""
    monkeypatch.setenv("PATH", str(program.parent))  # Anki's own is not that of the cells
    assert lacking(python(core)) == "This cell needs a-compiler, which is not installed."


def test_kernels_need_compilers_and_scripts_a_shell(core: Core) -> None:
    cells = (entry("k", "", language="cuda", needs=["nvcc"]), entry("s", "", language="bash"))
    needed = [core.jobs.programs(core.jobs.plan(core.note.decode(field(cell)), cell["id"])) for cell in cells]
    assert needed == [("g++", "nvcc"), ("bash",)]


def test_a_gpu_is_not_forced_out_of_the_sandbox(core: Core) -> None:
    words = core.strings.Words("en")
    able = python(core, devices=("cpu", "cuda"))
    plain = core.jobs.plan(core.note.decode(field(entry("gpu", "", needs=["cuda"]))), "gpu")
    ask = core.needs.lacking
    assert ask(plain, able, core.settings.Settings(), words) == ""
    assert "cannot be sandboxed" in ask(plain, able, core.settings.Settings(sandbox="always"), words)


def test_a_module_that_no_list_names_is_asked_for_before_it_is_said_to_be_missing(core: Core, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", symlinks=True)
    (packages,) = (tmp_path / "env").glob("lib/python*/site-packages")
    (packages / "spread" / "inner").mkdir(parents=True)  # a namespace package, such as mpl_toolkits
    (packages / "spread" / "inner" / "__init__.py").touch()
    (packages / "_private.py").touch()
    found = core.pythons.probe(str(tmp_path / "env" / "bin" / "python"), tmp_path)
    source = "from __future__ import annotations\nimport _thread, _private, spread.inner, nowhere\n"
    asked = core.jobs.plan(core.note.decode(field(entry("a", source))), "a")
    said = core.needs.lacking(asked, found, core.settings.Settings(), core.strings.Words("en"))
    assert " lacks nowhere. " in said


def test_what_is_wrong_with_the_chosen_interpreter_is_said(core: Core) -> None:
    words, settings = core.strings.Words("en"), core.settings.Settings(python="/x/python")

    def said(**facts: str) -> str:
        return str(core.needs.unfit(core.pythons.Python("/x/python", "config", **facts), settings, words))

    assert core.needs.unfit(None, settings, words) == "/x/python does not answer like a Python."
    assert said(version="3.8.1", problem="old") == "/x/python is Python 3.8.1; cells need 3.9 or newer."
    assert said(problem="anki").startswith("/x/python is the Python that Anki lives in")
    assert said(version="3.12.0") == ""
