"""`make bench`: our build against bare genanki, the render floor and the Markdown builders, all in one run.

Prints one Markdown table of ratios and says which of the goals hold; `--sizes 1000,10000`, `--no-peers`,
`--no-cells`, `--no-deck`, `--out FILE` do less or write elsewhere. Then the same for running cells (`cells`,
`workers`, `kernels`), for the preview and for the add-on. Numbers are CPU seconds of whole processes with their
children.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import corpus
from tests.bench.measure import Cost, measure, median
from tests.bench.peers import PEERS, install

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".build" / "bench"
SMALL = 1000
LIMIT = 400.0
"""Seconds of wall time after which a process is given up."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    name: str
    notes: int
    cost: Cost
    remark: str = ""


def ours(count: int, repeats: int) -> Iterator[Row]:
    """Cold, nothing changed, and one note edited; without executing a cell."""
    folder = HOME / f"proofdeck-{count}"
    _fresh(folder, corpus.proofdeck, count)
    build = [sys.executable, "-m", "build_deck", "build", "--root", str(folder)]

    def cold() -> Cost:
        shutil.rmtree(folder / ".build", ignore_errors=True)
        return _in_root(build, folder)

    yield Row(name="ProofDeck, cold", notes=count, cost=median(cold, repeats))
    yield Row(name="ProofDeck, nothing changed", notes=count, cost=median(lambda: _in_root(build, folder), repeats))
    edits = iter(range(1, 1 + repeats))

    def edited() -> Cost:
        answer = next((folder / "source" / corpus.SECTION).glob("bench-*0.md"))
        answer.write_text(
            answer.read_text("utf-8").replace("- 标准答：", f"- 标准答：第 {next(edits)} 版，", 1), "utf-8"
        )
        return _in_root(build, folder)

    yield Row(name="ProofDeck, one note edited", notes=count, cost=median(edited, repeats))


def floors(count: int, repeats: int) -> Iterator[Row]:
    """What rendering and packing cost at best."""
    folder = HOME / f"floor-{count}"
    _fresh(folder, corpus.plain, count)
    command = [sys.executable, "-m", "tests.bench.floors"]
    _in_root([*command, "html", str(folder)], folder)
    for name, remark in (("render", "markdown-it + dollarmath + Pygments"), ("genanki", "0.13.1, from ready HTML")):
        run = [*command, name, str(folder)]
        label = {"render": "render floor", "genanki": "bare genanki"}[name]
        yield Row(name=label, notes=count, remark=remark, cost=median(lambda run=run: _in_root(run, folder), repeats))  # type: ignore[misc]


def peers(count: int) -> Iterator[Row]:
    """Every peer once, in its own dialect."""
    for peer in PEERS:
        if count > SMALL and not peer.large:
            continue
        tools = install(peer, HOME / "peers")
        folder = HOME / f"peer-{count}"
        _fresh(folder, peer.dialect, count)
        if isinstance(tools, str):
            yield Row(name=peer.name, notes=count, cost=Cost(cpu=0, wall=0, peak=0, failure=tools), remark=peer.remark)
            continue
        cost = measure(peer.command(tools, folder), folder, LIMIT)
        if not cost.failure and not [*folder.rglob("*.apkg"), *tools.rglob("*.apkg")]:
            cost = Cost(cpu=cost.cpu, wall=cost.wall, peak=cost.peak, failure="wrote no package")
        yield Row(name=peer.name, notes=count, cost=cost, remark=peer.remark)


def table(rows: list[Row]) -> str:
    """The rows as Markdown; × is CPU relative to bare genanki with as many notes."""
    lines = ["| | notes | CPU s | × genanki | peak MiB | |", "|---|---:|---:|---:|---:|---|"]
    base = {row.notes: row.cost.cpu for row in rows if row.name == "bare genanki"}
    for row in rows:
        cost = row.cost
        numbers = (
            f"{cost.cpu:.2f} | {cost.cpu / base[row.notes]:.1f} | {cost.peak:.0f} | {row.remark}"
            if not cost.failure
            else f"– | – | – | {row.remark}; {cost.failure}"
        )
        lines.append(f"| {row.name} | {row.notes:,} | {numbers} |")
    return "\n".join(lines)


def goals(rows: list[Row]) -> Iterator[tuple[str, bool]]:
    """Each goal in words, and whether this run met it."""
    at = {(row.name, row.notes): row.cost for row in rows}
    sizes = sorted({row.notes for row in rows})
    for count in sizes:
        floor = at["render floor", count].cpu + at["bare genanki", count].cpu
        cold = at["ProofDeck, cold", count]
        yield f"{count:,} notes cold: {cold.cpu / floor:.2f} × the floors (at most 1.40)", cold.cpu <= 1.4 * floor
        yield f"{count:,} notes cold: {cold.peak:.0f} MiB (at most 400)", cold.peak <= 400
        rivals = [
            row
            for row in rows
            if row.notes == count and row.remark in ("highlights", "checks") and not row.cost.failure
        ]
        for row in rivals:
            yield f"{count:,} notes: {row.cost.cpu / cold.cpu:.1f} × faster than {row.name}", cold.cpu < row.cost.cpu
    small, large = sizes[0], sizes[-1]
    edited, bare = at["ProofDeck, one note edited", small].cpu, at["bare genanki", small].cpu
    bound = 1.3 * bare + 0.3
    yield (
        f"one note of {small:,} edited: {edited:.2f} s (at most 1.3 × {bare:.2f} + 0.3 = {bound:.2f})",
        edited <= bound,
    )
    if large > small:
        growth = at["ProofDeck, cold", large].cpu / at["ProofDeck, cold", small].cpu
        yield f"{large // small} × the notes cost {growth:.1f} × the CPU", growth <= 1.2 * large / small


def _fresh(folder: Path, dialect: corpus.Dialect, count: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    dialect(folder, count)


def _in_root(command: list[str], folder: Path) -> Cost:
    # our modules are found from the root, which is where the log of a run must not lie
    return measure(["/usr/bin/env", f"PYTHONPATH={ROOT}", *command], folder, LIMIT)


def everything_else(*, peers: bool, deck: bool) -> tuple[str, bool]:
    """Cells, kernels, the preview and the add-on: Markdown, and whether every goal is met."""
    # only now: a process that is started counts the memory of the one that starts it as its own peak
    from tests.bench import addon, cells, kernels, preview  # noqa: PLC0415

    ran, ran_well = cells.report(peers=peers, deck=deck)
    seen, seen_soon = preview.report(15)
    pressed, prompt = addon.report()
    return "\n\n".join((ran, kernels.table(), seen, pressed)), ran_well and seen_soon and prompt


def main() -> int:
    """Measure, print, and fail when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--sizes", default="1000,10000", help="numbers of notes")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-cells", action="store_true", help="only the build")
    parser.add_argument("--no-deck", action="store_true", help="do not verify the shipped deck")
    parser.add_argument("--out", type=Path, default=HOME / "table.md")
    options = parser.parse_args()
    rows: list[Row] = []
    for count in map(int, options.sizes.split(",")):
        repeats = 3 if count <= SMALL else 1
        for source in (floors(count, repeats), ours(count, repeats), iter(()) if options.no_peers else peers(count)):
            for row in source:
                rows.append(row)
                print(f"{row.name}, {row.notes:,}: {row.cost.failure or f'{row.cost.cpu:.2f} s'}", file=sys.stderr)
    found = list(goals(rows))
    text = "\n".join([table(rows), "", *(f"- {'✓' if met else '✗'} {goal}" for goal, met in found)])
    print(text)
    done = all(met for _, met in found)
    if not options.no_cells:
        more, also = everything_else(peers=not options.no_peers, deck=not options.no_deck)
        print("\n" + more)
        text, done = f"{text}\n\n{more}", done and also
    options.out.write_text(text + "\n", "utf-8")
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
