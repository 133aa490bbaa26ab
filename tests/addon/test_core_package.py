"""The package: what is in it, what it may import, the same bytes every time."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import staged
from anki.utils import int_version

from build_deck import __version__, pack
from build_deck.bootstrap import OLDEST_ANKI, python_of
from build_deck.cells.identity import digest
from build_deck.parse import corpus as parse

ANKI = {"anki", "aqt"}
CHOSEN = {"torch", "numpy", "matplotlib", "triton"}
"""Imported by the child, from the interpreter that was chosen."""
PYTHONS = [Path(sys.executable), pytest.param(python_of(OLDEST_ANKI), marks=pytest.mark.oldest)]


def test_the_same_bytes_wherever_and_whenever(project: Path, ankiaddon: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; sys.path[:0] = ['.', 'tests/addon']; import staged;"
        "staged.build(Path.cwd(), Path(sys.argv[1]))"
    )
    environment = {"PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "LC_ALL": "C", "PATH": "/usr/bin"}
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=project, env=environment, check=True)
    assert (tmp_path / ankiaddon.name).read_bytes() == ankiaddon.read_bytes()


def test_contents_lie_at_the_top_without_leftovers(ankiaddon: Path) -> None:
    with zipfile.ZipFile(ankiaddon) as archive:
        names = archive.namelist()
    assert {"__init__.py", "manifest.json", "config.json", "config.md", "config.schema.json", "LICENSE"} <= set(names)
    assert {"cells/runner.py", "cells/kernels/cuda.h", "style/figure.mplstyle", "user_files/README.txt"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.startswith((".", "/", "editor/"))]
    assert ankiaddon.stat().st_size < 2_000_000


def test_the_manifest_says_which_anki_it_needs(addon: Path) -> None:
    manifest = json.loads((addon / "manifest.json").read_text("utf-8"))
    assert manifest["package"] == "proofdeck"
    assert manifest["human_version"] == __version__
    assert manifest["min_point_version"] == 250200
    assert manifest["max_point_version"] == int_version(), "the newest Anki of these tests"
    assert isinstance(manifest["mod"], int)


COMPATIBLE = """
import json, sys
import aqt.addons as addons
meta = addons.AddonMeta.from_json_meta("proofdeck", json.load(open(sys.argv[1], encoding="utf-8")))
def fits(version):
    addons._current_version = version
    return meta.compatible()
print([fits(version) for version in (241100, 250199, 250200, 260903, 990101)])
"""


@pytest.mark.parametrize("python", PYTHONS, ids=["newest", "oldest"])
def test_anki_takes_it_from_the_oldest_version_on_and_when_it_is_newer_than_tested(addon: Path, python: Path) -> None:
    command = [python, "-c", COMPATIBLE, addon / "manifest.json"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.stdout.split("\n")[-2] == "[False, False, True, True, True]", told.stderr


def test_every_cell_of_the_deck_and_of_every_release_is_known(project: Path, addon: Path) -> None:
    known = set((addon / "known.txt").read_text().split())
    assert known >= set((project / "anki_addon" / "released.txt").read_text().split())
    corpus, _ = parse.load(project)
    cells = [cell for card in corpus.cards if card.id for cell in card.cells if cell.role.value != "static"]
    plain = [cell for cell in cells if not cell.inputs and not cell.ready]
    assert len(plain) > 50
    for cell in plain:
        entry: dict[str, object] = {
            "language": cell.language, "role": cell.role.value, "env": cell.env, "source": cell.source,
        }  # fmt: skip
        entry |= {"needs": list(cell.needs)} if cell.needs else {}
        assert digest(entry) in known, cell.id


def test_what_cells_declare_is_there(project: Path, addon: Path) -> None:
    corpus, _ = parse.load(project)
    declared = {name for card in corpus.cards for cell in card.cells for name in cell.inputs}
    for name in declared:
        assert (addon / "inputs" / name).read_bytes() == (project / name).read_bytes()


def test_identity_goes_by_what_runs_and_by_nothing_else() -> None:
    entry = {"id": "a", "language": "python", "role": "cell", "env": "core", "source": "x = 1\n", "timeout": 20.0}
    same = [{**entry, "id": "b"}, {**entry, "timeout": 9.0}, {**entry, "stdout": "1\n"}, {**entry, "rtol": 1.0}]
    assert {digest(each) for each in same} == {digest(entry)}
    other = [{**entry, "source": "x = 1"}, {**entry, "language": "bash"}, {**entry, "role": "tests"},
             {**entry, "env": "hf"}, {**entry, "needs": ["cuda"]}, {**entry, "inputs": ["a.py"]}, {**entry, "ready": "http://127.0.0.1:1/"},
             {**entry, "result": 1}]  # fmt: skip
    assert len({digest(each) for each in [entry, *other]}) == len(other) + 1


def test_released_digests_stay_known() -> None:
    parts = pack.AddonParts(version="9", known=frozenset({"a" * 64}), inputs={})
    released = set(pack.addon.RELEASED.read_text().split())
    assert set(pack.stage(parts)[pack.KNOWN].decode().split()) == released | {"a" * 64}


def python_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if path.relative_to(folder).parts[0] != "inputs")


def test_only_the_standard_library_is_imported_and_qt_only_in_qt(addon: Path) -> None:
    files = python_files(addon)
    assert len(files) > 40
    for path in files:
        inside = path.relative_to(addon)
        allowed = set(sys.stdlib_module_names)
        allowed |= ANKI if inside.parts[0] == "qt" else CHOSEN if inside.parts[0] == "cells" else set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"), feature_version=(3, 9))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            foreign = [name for name in names if name.partition(".")[0] not in allowed]
            assert not foreign, f"{inside} imports {foreign}"


def test_types_hold_in_what_ships(project: Path, addon: Path) -> None:
    command = [Path(sys.executable).parent / "mypy", "--config-file", project / "pyproject.toml"]
    command += ["--cache-dir", project / ".mypy_cache" / "addon"]
    linked = addon.parent / "proofdeck"
    if not linked.exists():
        linked.symlink_to(addon, target_is_directory=True)
    environment = {"MYPYPATH": str(addon.parent), "PATH": "/usr/bin"}
    run = subprocess.run(
        [*command, "-p", "proofdeck", "--exclude", "/inputs/"],
        cwd=addon.parent, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("python", PYTHONS, ids=["newest", "oldest"])
def test_it_imports_without_anki_on_this_python_and_the_oldest(addon: Path, python: Path) -> None:
    modules = [path.stem for path in addon.glob("*.py") if path.stem != "__init__"]
    code = "import sys; sys.path.insert(0, sys.argv[1]); import addon0\n" + "".join(
        f"import addon0.{name}\n" for name in modules
    )
    linked = addon.parent / "addon0"
    if not linked.exists():
        linked.symlink_to(addon, target_is_directory=True)
    run = subprocess.run([python, "-I", "-B", "-c", code, addon.parent], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_modules_that_are_loaded_are_those_that_ship(addon: Path) -> None:
    assert Path(staged.module("note").__file__ or "").parent == addon
