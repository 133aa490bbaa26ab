"""Cards with CUDA C++: which process their cells share, how far they count as verified, how their mutants die."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from small_deck import Deck, card, cell, mutant

from build_deck import run
from build_deck.cells.protocol import Outcome, Toolchain
from build_deck.model.card import Card, Role
from build_deck.model.outcome import Level
from build_deck.run import freeze, record
from build_deck.run.key import cell_keys
from build_deck.run.process import executable, processes
from build_deck.run.verdict import level

REVERSE = """
__global__ void reverse(const float* x, float* out, int n) {
  __shared__ float tile[64];
  int i = threadIdx.x;
  if (i < n) tile[i] = x[i];
  __syncthreads();
  if (i < n) out[i] = tile[n - 1 - i];
}
"""
CHECK = """
import torch
x, out = torch.randn(50), torch.full((50,), float("nan"))
cuda("kernels").reverse[1, 64](x, out, 50)
"""


def kernels(source: str = REVERSE, **attributes: object) -> Card:
    return card(
        "reversal", cell("before", "assert 1 + 1 == 2"), cell("kernels", source, language="cuda"),
        cell("launch", CHECK), cell("after", "assert torch.equal(out, x.flip(0))"), **attributes,
    )  # fmt: skip


@pytest.mark.cells
def test_a_launch_makes_its_process_simulated_from_there_on(deck: Deck) -> None:
    told = deck.run(kernels())
    assert (told.codes, told.cells) == ([], 4)
    found = json.loads(deck.file("reversal/record.json").read_text())["cells"]
    levels = {name: data["level"] for name, data in found.items()}
    assert levels == {
        "before": "executed-cpu", "kernels": "simulated", "launch": "simulated", "after": "simulated",
    }  # fmt: skip
    assert run.card_evidence(kernels(), deck.ground).level is Level.SIMULATED
    assert deck.verify(kernels()).codes == []


@pytest.mark.cells
def test_a_cell_that_only_compiles_says_so_until_something_launches_it(deck: Deck) -> None:
    only = card("reversal", cell("kernels", REVERSE, language="cuda"))
    assert deck.run(only).codes == []
    assert run.card_evidence(only, deck.ground).level is Level.COMPILED
    launched = card("reversal", cell("kernels", REVERSE, language="cuda"), cell("launch", CHECK + "assert True"))
    assert deck.run(launched).codes == []
    assert run.card_evidence(launched, deck.ground).cells["kernels"].level is Level.SIMULATED


@pytest.mark.cells
def test_a_level_that_claims_more_than_happened_fails_the_verification(deck: Deck) -> None:
    deck.run(kernels())
    frozen = freeze.read("reversal", deck.ground)
    cells = {name: replace(each.record, level=Level.EXECUTED_CPU) for name, each in frozen.cells.items()}
    deck.file("reversal/record.json").write_text(record.dump(replace(frozen.record, cells=cells)))
    told = deck.verify(kernels())
    assert told.codes == ["R003"] * 3
    assert "cell kernels is recorded as executed-cpu, and is simulated" in told.problems[0].text


@pytest.mark.cells
def test_mutants_of_a_kernel_die_of_assertions(deck: Deck) -> None:
    changes = {
        "no barrier": ("  __syncthreads();\n", "\n"),
        "off by one": ("tile[n - 1 - i]", "tile[n - i]"),
        "no mask": ("if (i < n) out[i]", "out[i]"),
    }
    mutants = tuple(mutant("kernels", *change, name=name) for name, change in changes.items())
    told = deck.run(kernels(mutants=mutants))
    assert (told.codes, told.mutants) == ([], (3, 3))
    verdicts = run.card_evidence(kernels(mutants=mutants), deck.ground).mutants
    assert [each.by.rpartition(" ")[2] for each in verdicts] == ["launch", "after", "launch"]


@pytest.mark.cells
def test_one_that_does_not_compile_is_broken_and_one_that_changes_nothing_survives(deck: Deck) -> None:
    broken = mutant("kernels", "tile[64]", "tile[m]", name="broken")
    alive = mutant("kernels", "tile[64]", "tile[65]", name="alive")
    told = deck.run(kernels(mutants=(broken, alive)))
    assert told.codes == ["R006", "R005"]
    assert "CompileError in kernels" in told.problems[0].text


def test_a_cell_that_needs_what_is_rare_is_lent_the_kernels_before_it() -> None:
    measured = cell("speed", "report(1)", needs=("cuda",))
    later = cell("more", REVERSE, language="cuda")
    made = card("reversal", *kernels().cells, measured, later)
    common, apart = processes(made)
    assert [each.id for each in common.cells] == ["before", "kernels", "launch", "after", "more"]
    assert [each.id for each in apart.cells] == ["kernels", "speed"]
    assert [each.id for each in apart.own] == ["speed"]
    assert executable(common)
    assert not executable(apart)


def test_the_headers_enter_the_keys_of_what_they_simulate_and_not_of_what_a_gpu_ran(deck: Deck) -> None:
    made = card("reversal", *kernels().cells, cell("speed", "report(1)", needs=("cuda",)))
    other = replace(deck.ground, kernels_digest="another")
    common, apart = processes(made)
    before, after = (cell_keys(common, ground, {}) for ground in (deck.ground, other))
    assert {name for name in before if before[name] != after[name]} == {"kernels", "launch", "after"}
    assert cell_keys(apart, deck.ground, {}) == cell_keys(apart, other, {})


@pytest.mark.parametrize(
    ("language", "needs", "launches", "device", "wanted"),
    [
        ("python", (), {}, "cpu", Level.EXECUTED_CPU),
        ("python", (), {}, "H100", Level.EXECUTED_CPU),
        ("python", ("cuda",), {}, "H100", Level.EXECUTED_GPU),
        ("python", ("cuda",), {"k": "simulated"}, "H100", Level.SIMULATED),
        ("python", (), {"k": "gpu"}, "H100", Level.EXECUTED_GPU),
        ("python", (), {"k": "gpu", "triton": "simulated"}, "H100", Level.SIMULATED),
        ("cuda", (), {"other": "simulated"}, "cpu", Level.COMPILED),
        ("python", ("nvcc",), {"k": "compiled"}, "cpu", Level.COMPILED),
        ("python", (), {"k": "compiled", "triton": "simulated"}, "cpu", Level.SIMULATED),
        ("cuda", (), {"c": "compiled"}, "cpu", Level.COMPILED),
        ("cuda", (), {"c": "gpu"}, "H100", Level.EXECUTED_GPU),
    ],
)
def test_levels(language: str, needs: tuple[str, ...], launches: dict[str, str], device: str, wanted: Level) -> None:
    ended = [Outcome("c", "ok", launches={} if language == "cuda" else launches), Outcome("d", "ok", launches=launches)]
    assert level(cell("c", "", language=language, needs=needs), ended, Toolchain("3", "x", device=device)) is wanted


@pytest.mark.parametrize(("place", "wanted"), [("simulated", Level.SIMULATED), ("gpu", Level.EXECUTED_GPU)])
def test_a_solution_is_verified_as_far_as_the_tests_that_launch_it(place: str, wanted: Level) -> None:
    ended = [Outcome("solution", "ok"), Outcome("tests", "ok", launches={"triton": place})]
    assert level(cell("solution", "", role=Role.SOLUTION), ended, Toolchain("3", "x", device="H100")) is wanted
