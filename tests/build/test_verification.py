"""`verify` and `run` beyond the plain case: shards and their merge, reports for machines, mutants of our own."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.build.conftest import Checkout

pytestmark = pytest.mark.cells


def test_shards_run_the_deck_between_them_and_merge(checkout: Checkout, tmp_path: Path) -> None:
    parts = [replace(checkout, root=tmp_path / f"part-{number}") for number in (1, 2)]
    for number, part in enumerate(parts, 1):
        shutil.copytree(checkout.root, part.root, symlinks=True)
        assert part.do("run", "--shard", f"{number}/2").exit_code == 0
    held = [{path.name for path in (part.root / "figures").iterdir()} for part in parts]
    assert held[0] | held[1] == {"scale", "shape"}
    assert not held[0] & held[1]
    result = checkout.do("merge", *(str(part.root) for part in parts))
    assert result.exit_code == 0, result.output
    assert "0 of 2 processes are stale" in checkout.do("plan").stdout


@pytest.mark.parametrize("shard", ["0/2", "3/2", "2", "a/b"])
def test_a_shard_that_is_none_is_a_usage_error(checkout: Checkout, shard: str) -> None:
    result = checkout.do("verify", "--shard", shard)
    assert result.exit_code == 2
    assert "2/3 is the second of three" in result.stderr


def test_the_report_holds_what_ran_and_what_is_wrong(checkout: Checkout, tmp_path: Path) -> None:
    checkout.do("run")
    checkout.replace("assert 0.9 < ratio < 1.1", "assert 0.9 < ratio < 1.1 and False")
    report = tmp_path / "report.json"
    assert checkout.do("verify", "--json", str(report)).exit_code == 3
    data = json.loads(report.read_text(encoding="utf-8"))
    cells = {cell["cell"]: cell["status"] for process in data["processes"] for cell in process["cells"]}
    assert cells == {"variance": "failed", "count": "ok"}
    assert data["mutants"] == {"killed": 1, "tried": 1}
    (problem,) = data["problems"]
    assert (problem["code"], problem["line"]) == ("R001", checkout.line_of("and False"))


def test_our_own_mutants_find_a_missing_assert(checkout: Checkout) -> None:
    checkout.replace(
        'print(f"每头 {width // heads} 维")\n', 'spare = width * 3\nprint(f"每头 {width // heads} 维，备用 {spare}")\n'
    )
    checkout.do("run")
    result = checkout.do("verify", "shape", "--mutate")
    assert result.exit_code == 0, result.output
    assert "our own mutants: " in result.stdout
    assert " survive" in result.stdout
    # the claim itself is asserted: none of its mutants lives
    asserted = checkout.line_of("assert heads * (width // heads) == width")
    assert f"scale.md:{asserted}:" not in result.stdout
