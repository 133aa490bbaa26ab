"""House rules that no linter checks: sizes, annotations, who may be imported, what may never be named."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path for folder in ("build_deck", "anki_addon") for path in (ROOT / folder).rglob("*.py"))
HEADERS = sorted((ROOT / "build_deck" / "cells").rglob("*.h"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 300, 40


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_FILE, f"{path.name} has {lines} lines"
    long = [f"{node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines" for node in functions(path)
            if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION]  # fmt: skip
    assert not long, long


@pytest.mark.parametrize("path", HEADERS, ids=lambda path: path.name)
def test_headers_stay_small(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= LONGEST_FILE


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_function_is_annotated_and_every_module_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not tree.body or ast.get_docstring(tree), f"{path} has no docstring"
    bare = [
        node.name
        for node in functions(path)
        if node.returns is None
        or any(a.annotation is None for a in (*node.args.args, *node.args.kwonlyargs) if a.arg not in ("self", "cls"))
    ]
    assert not bare, bare


@pytest.mark.parametrize("path", sorted((ROOT / "build_deck" / "cells").rglob("*.py")), ids=lambda path: path.name)
def test_shared_code_imports_the_standard_library_only_and_reads_on_python_3_9(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append(node.module or "")
        lazily = {"torch", "matplotlib", "numpy"}  # the child imports what the chosen interpreter has
        foreign = [name for name in names if name.split(".")[0] not in sys.stdlib_module_names | lazily]
        assert not foreign, f"{path.name}:{node.lineno} imports {foreign}"  # type: ignore[attr-defined]


def test_no_utils_module() -> None:
    assert not [path for path in MODULES if path.stem in ("utils", "util", "helpers", "common", "misc")]


def test_layers() -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    "command", [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]], ids=" ".join
)
def test_linters(command: list[str]) -> None:
    tool = Path(sys.executable).parent / command[0]
    run = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
