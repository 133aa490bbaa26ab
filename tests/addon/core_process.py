"""The core of the add-on at work in a Python of its own, the oldest Anki's among them: read, ask, run, stop, remember.

Started by `test_core_oldest` with the folder of the add-on, a file of `Cells` fields, an interpreter with torch and an
empty folder; what came of it is printed as JSON.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from cells_text import HOSTILE, entries, entry, field
from desks import Bench

SOURCE = """from __future__ import annotations
import _thread
import matplotlib.pyplot as plt
import torch
from mpl_toolkits.mplot3d import Axes3D
print("sum", float(torch.ones(3).sum()))
plt.plot([1, 2])
"""
PACKAGE = "proofdeck_core"


class Core:
    """Modules of the add-on as attributes."""

    def __init__(self, folder: Path) -> None:
        spec = spec_from_file_location(PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)])
        assert spec is not None
        sys.modules[PACKAGE] = module_from_spec(spec)

    def __getattr__(self, name: str) -> ModuleType:
        return import_module(f"{PACKAGE}.{name}")


def main(addon: Path, fields: Path, python: str, data: Path) -> dict[str, Any]:
    """Everything that was seen."""
    core = Core(addon)
    (data / "style").symlink_to(addon / "style")
    (data / "inputs").symlink_to(addon / "inputs")
    bench = Bench(core, data, python=python, sandbox="auto", time_limit=30)
    try:
        return {
            "version": f"{sys.version_info[0]}.{sys.version_info[1]}", "refused": _refused(core),
            "lacking": _lacking(core, json.loads(fields.read_text("utf-8")), python, data),
            "question": bench.press("a", field(entry("a", "\u3164 = 1"))).approval.code,
            "declined": bench.desk.decide(bench.desk._asked, False).kind, **_run(bench), "stopped": _stop(bench),
            "approved": [Bench(core, data).desk.trust.approved, bench.desk.trust.approved],
            "found": [each.path for each in core.pythons.find(data, python)][:1],
        }  # fmt: skip
    finally:
        bench.desk.close()


def _refused(core: Any) -> list[str]:
    """Hostile fields that were read all the same."""
    read = []
    for name, text in HOSTILE.items():
        try:
            core.note.decode(text)
            read.append(name)
        except core.note.NoteError:
            continue
    return read


def _lacking(core: Any, texts: list[str], python: str, data: Path) -> list[str]:
    """What is said to be missing for the deck's own cells where nothing is."""
    found, words = core.pythons.probe(python, data), core.strings.Words("en")
    said = []
    for card in map(core.note.decode, filter(None, texts)):
        plans = [core.jobs.plan(card, cell.id) for cell in card.cells if cell.env == "core" and not cell.needs]
        said += [core.needs.lacking(each, found, core.settings.Settings(python=python), words) for each in plans]
    return [each for each in said if each]


def _run(bench: Bench) -> dict[str, Any]:
    cell = entry("run", SOURCE, figure="图", stdout="sum 3.0\n", timeout=60.0)
    state = bench.run("run", field(cell))
    svg = "".join(bench.drawn["run", 0])
    shown = {key: state[key] for key in ("verdict", "output", "figures", "error", "about")}
    return {**shown, "svg": "</svg>" in svg, "digest": bench.core.note.decode(field(cell)).cells[0].digest,
            "entry": entries(field(cell))[0]}  # fmt: skip


def _stop(bench: Bench) -> str:
    text = field(entry("loop", "print('begun', flush=True)\nwhile True: pass"))
    bench.approve("loop", text)
    bench.until(lambda: bench.page.get("loop"))
    bench.desk.stop()
    bench.finish()
    return str(bench.state("loop", text)["verdict"])


if __name__ == "__main__":
    told = main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
    print(json.dumps(told))
