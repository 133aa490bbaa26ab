"""The commands as a contributor uses them: what they say, what they leave, and what they never touch."""

from __future__ import annotations

import hashlib
import re
import zipfile
from pathlib import Path

import pytest

from tests.build.conftest import Checkout

pytestmark = pytest.mark.cells


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_build_runs_freezes_and_packs(checkout: Checkout) -> None:
    result = checkout.do("build")
    assert result.exit_code == 0, result.output
    assert "2 run, 0 reused" in result.stdout
    assert "2 of 2 killed" in result.stdout
    assert re.search(r"weight +\d+ KB a card, \d+ KB the heaviest", result.stdout)
    assert "2 (3 notes" in result.stdout
    assert (checkout.root / "figures/scale/variance.txt").read_text(encoding="utf-8").startswith("方差与维度之比 ")
    assert "collection.anki2" in zipfile.ZipFile(checkout.package).namelist()


def test_a_second_build_runs_nothing_and_leaves_the_same_bytes(checkout: Checkout) -> None:
    checkout.do("build")
    before, package = digests(checkout.root / "figures"), checkout.package.read_bytes()
    result = checkout.do("build")
    assert "0 run, 2 reused" in result.stdout
    assert "make verify" in result.stdout
    assert (digests(checkout.root / "figures"), checkout.package.read_bytes()) == (before, package)


def test_an_edit_redoes_only_what_it_touches(checkout: Checkout) -> None:
    checkout.do("build")
    checkout.replace("拆头之后是四维。", "拆头之后是四维张量。")
    assert "0 run, 2 reused" in checkout.do("build").stdout
    before = digests(checkout.root / "figures" / "scale")
    checkout.replace("heads, width = 4, 32", "heads, width = 8, 32")
    planned = checkout.do("plan")
    assert "shape [core]: count changed, 1 mutants" in planned.stdout
    assert "scale" not in planned.stdout
    assert "1 run, 1 reused" in checkout.do("build").stdout
    assert digests(checkout.root / "figures" / "scale") == before
    assert (checkout.root / "figures/shape/count.txt").read_text(encoding="utf-8") == "每头 4 维\n"


def test_every_fault_is_told_at_once_and_nothing_is_published(checkout: Checkout) -> None:
    checkout.do("build")
    package = checkout.package.read_bytes()
    checkout.replace("{#scale kind=derivation}", "{#scale kind=poem}")
    checkout.replace("{#shape kind=concept}", "{#shape kind=concept related=nobody}")
    result = checkout.do("build")
    first, second = checkout.line_of("kind=poem"), checkout.line_of("related=nobody")
    assert result.exit_code == 2
    assert f"source/transformer/scale.md:{first}:" in result.stderr
    assert f"source/transformer/scale.md:{second}:" in result.stderr
    assert "Traceback" not in result.output
    assert checkout.package.read_bytes() == package


def test_a_false_claim_fails_at_its_own_line(checkout: Checkout) -> None:
    checkout.do("build")
    before = digests(checkout.root / "figures"), checkout.package.read_bytes()
    checkout.replace("heads * (width // heads) == width\n", "heads * (width // heads) == width + 1\n")
    result = checkout.do("build")
    line = checkout.line_of("== width + 1")
    assert result.exit_code == 3
    assert f"source/transformer/scale.md:{line}:1: R001 cell count failed" in result.stderr
    assert f'File "source/transformer/scale.md", line {line}' in result.stderr
    assert (digests(checkout.root / "figures"), checkout.package.read_bytes()) == before


def test_a_surviving_mutant_is_named(checkout: Checkout) -> None:
    checkout.replace("assert heads * (width // heads) == width\n", "assert width == 32 or heads * (width // heads)\n")
    result = checkout.do("run")
    assert result.exit_code == 3
    assert f"{checkout.line_of('diff {.mutant of=count')}" in result.stderr
    assert "mutant “多一个头” survives" in result.stderr
    assert "killed 1/2" in result.stdout


def test_verify_finds_drift_and_overwrites_nothing_unless_accepted(checkout: Checkout) -> None:
    checkout.replace('print(f"每头 {width // heads} 维")', "import time; print(time.time_ns() // 1000)")
    assert checkout.do("run").exit_code == 0
    before = digests(checkout.root / "figures")
    result = checkout.do("verify")
    assert result.exit_code == 3
    assert "R003 cell count says something else" in result.stderr
    assert digests(checkout.root / "figures") == before
    assert checkout.do("verify", "--accept", "shape").exit_code == 0
    after = digests(checkout.root / "figures")
    assert {name for name in after if after[name] != before[name]} == {"shape/count.txt", "shape/record.json"}


def test_what_is_accepted_is_verified_and_nothing_else(checkout: Checkout) -> None:
    assert checkout.do("run").exit_code == 0
    accepted = checkout.do("verify", "--accept", "shape")
    assert (accepted.exit_code, "1 cells run" in accepted.stdout) == (0, True), accepted.output
    both = checkout.do("verify", "scale", "shape", "--accept", "shape")
    assert (both.exit_code, "2 cells run" in both.stdout) == (0, True), both.output
    for command, says in (
        (("verify", "scale", "--accept", "shape"), "--accept shape: only what is verified can be accepted, here scale"),
        (("verify", "--accept", "shape", "--shard", "1/2"), "--accept does not go together with --shard"),
    ):
        refused = checkout.do(*command)
        assert (refused.exit_code, says in refused.stderr) == (2, True), refused.output


def test_run_takes_ids_and_refuses_unknown_ones(checkout: Checkout) -> None:
    assert "1 cells run" in checkout.do("run", "shape").stdout
    assert not (checkout.root / "figures" / "scale").exists()
    for command in (("run", "shapes"), ("verify", "shape", "shapes"), ("verify", "--accept", "shapes")):
        result = checkout.do(*command)
        assert result.exit_code == 2
        assert "no card has the id shapes" in result.stderr


def test_a_missing_environment_is_one_line(checkout: Checkout) -> None:
    (checkout.root / ".envs").unlink()
    result = checkout.do("build")
    assert result.exit_code == 4
    assert result.stderr.count("R010") == 1
    assert "environment core is not installed" in result.stderr


def test_an_environment_of_other_pins_runs_nothing(checkout: Checkout) -> None:
    assert checkout.do("run").exit_code == 0
    before = digests(checkout.root / "figures")
    pins = checkout.root / "requirements" / "cells-core.txt"
    pins.write_text(pins.read_text() + "# renewed\n")
    for command in ("run", "verify", "build"):
        result = checkout.do(command)
        assert result.exit_code == 4
        holds = "holds something else than requirements/cells-core.txt, requirements/cells-core.torch.txt"
        assert f"environment core {holds} (" in result.stderr
        assert "bootstrap cells core" in result.stderr
    assert digests(checkout.root / "figures") == before


def test_check_needs_no_environment(checkout: Checkout) -> None:
    (checkout.root / ".envs").unlink()
    result = checkout.do("check")
    assert result.exit_code == 0
    assert "2 cards, 0 errors" in result.stdout
