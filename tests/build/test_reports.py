"""The report that `--json` asks for is there however a command ends, and never an older one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.build.conftest import Checkout

pytestmark = pytest.mark.cells


def stale(path: Path) -> Path:
    """A report of an earlier command."""
    path.write_text('{"status": 0, "reason": "", "problems": []}')
    return path


def told(report: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("verify", "nobody"), "no card has the id nobody"),
        (("verify", "shape", "--shard", "9"), "Invalid value for '--shard': 9 is no shard"),
        (("verify", "--no-such-option"), "No such option"),
        (("run", "--import-records", "nowhere.json"), "File 'nowhere.json' does not exist"),
        (("run", "--export-cells", "cuda"), "cuda selects nothing"),
        (("run", "--export-cells", "needs=cuda"), "no cell with needs=cuda waits for a record"),
    ],
)
def test_usage_errors(checkout: Checkout, tmp_path: Path, command: tuple[str, ...], says: str) -> None:
    report = tmp_path / "report.json"
    name, *rest = command
    for words in ((name, *rest, "--json", str(report)), (name, f"--json={report}", *rest)):
        stale(report)
        assert checkout.do(*words).exit_code == 2
        assert (told(report)["status"], says in told(report)["reason"]) == (2, True), told(report)


def test_records_that_are_none(checkout: Checkout, tmp_path: Path) -> None:
    bad, report = tmp_path / "bad.json", stale(tmp_path / "report.json")
    bad.write_text("[]")
    assert checkout.do("run", "--import-records", str(bad), "--json", str(report)).exit_code == 3
    assert told(report)["status"] == 3
    assert ("R016", "bad.json") in [(each["code"], each["path"]) for each in told(report)["problems"]]


def test_what_is_exported(checkout: Checkout, tmp_path: Path) -> None:
    checkout.replace("```python {#count}", "```python {#count needs=cuda}")
    report = stale(tmp_path / "report.json")
    exported = checkout.do("run", "--export-cells", "needs=cuda", "--json", str(report))
    assert (exported.exit_code, told(report)["status"]) == (0, 0), exported.output
    assert exported.stdout.startswith("#!/usr/bin/env python3")
    assert "processes" in told(report)
    refused = checkout.do("run", "--export-cells", "needs=cuda", "--json", "-")
    assert (refused.exit_code, json.loads(refused.stdout)["status"]) == (2, 2)


@pytest.mark.parametrize(
    ("mode", "extra", "named"),
    [
        (("--import-records", "records.json"), ("shape",), "CARDS"),
        (("--import-records", "records.json"), ("--all", "--shard", "1/2"), "--all, --shard"),
        (("--export-cells", "needs=cuda"), ("--shard", "1/2"), "--shard"),
        (("--export-cells", "needs=cuda"), ("--cluster", "tcp://127.0.0.1:1"), "--cluster"),
        (("--export-cells", "needs=cuda"), ("--trust",), "--trust"),
        (("--export-cells", "needs=cuda"), ("--import-records", "records.json"), "--import-records"),
    ],
)
def test_options_that_would_be_ignored_are_refused(
    checkout: Checkout, tmp_path: Path, mode: tuple[str, str], extra: tuple[str, ...], named: str
) -> None:
    records, report = tmp_path / "records.json", stale(tmp_path / "report.json")
    records.write_text("{}")
    words = (str(records) if word == "records.json" else word for word in (*mode, *extra))
    assert checkout.do("run", *words, "--json", str(report)).exit_code == 2
    assert told(report)["reason"] == f"{mode[0]} does not go together with {named}"


def test_a_report_on_standard_output_is_all_that_is_there(checkout: Checkout) -> None:
    assert checkout.do("run", "shape").exit_code == 0
    good = checkout.do("verify", "shape", "--json", "-")
    assert (good.exit_code, json.loads(good.stdout)["status"]) == (0, 0)
    assert "1 cells run" in good.stderr
    bad = checkout.do("verify", "nobody", "--json", "-")
    assert (bad.exit_code, json.loads(bad.stdout)["status"]) == (2, 2)
    assert "no card has the id nobody" in bad.stderr
    assert not Path("-").exists()
