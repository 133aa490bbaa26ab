"""Which slips are made, where, and that Chinese in a line does not shift them."""

from __future__ import annotations

import pytest
from small_deck import cell

from build_deck.model.card import Role
from build_deck.run.mutate import slips
from build_deck.run.process import Process
from build_deck.run.slicing import claimed_lines


def made(*sources: str, limit: int = 99) -> list[tuple[str, str]]:
    cells = tuple(cell(f"c{at}", source) for at, source in enumerate(sources))
    return [(each.kind, each.after) for each in slips(Process(card="x", name="core", env="core", cells=cells), limit)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = a + b", [("sign", "x = a - b")]),
        ("x = (a) - (b)", [("sign", "x = (a) + (b)")]),
        ("x = a * b", [("factor", "x = a / b")]),
        ("x = -a", [("sign", "x = a")]),
        ("x = a < b", [("comparison", "x = a <= b")]),
        ("x = a == b", [("comparison", "x = a != b")]),
        ("x = f(2)", [("off by one", "x = f(3)")]),
        ("x = f(0.5)", [("constant", "x = f(1.0)")]),
        ("x = f(causal=True)", [("constant", "x = f(causal=False)")]),
        ("x = a.softmax(-1)", [("transposed axis", "x = a.softmax(0)")]),
        ("x = a.sum(dim=0)", [("transposed axis", "x = a.sum(dim=-1)")]),
        ("x = a.transpose(1, 2)", [("transposed axis", "x = a"), ]),
        ("x = a @ b.T", [("transposed axis", "x = a @ b")]),
        ("x = {'中文': a + b}", [("sign", "x = {'中文': a - b}")]),
        ("x = (1, 2, 3)", []),
        ("x = torch.randn(4, 8)", []),
        ("x = 7; plt.plot([1, 2 + 3])", []),
    ],
)  # fmt: skip
def test_one_slip_at_a_time(line: str, expected: list[tuple[str, str]]) -> None:
    assert made(f"{line}\nassert x") == expected


def test_only_lines_that_an_assert_depends_on_are_touched() -> None:
    source = "a = f(1)\nb = f(2)\nc = a + 3\nprint(b * 2)\nassert c > 0"
    assert made(source) == [("off by one", "a = f(2)"), ("sign", "c = a - 3"), ("off by one", "c = a + 4")]


def test_dependence_goes_through_functions_loops_methods_and_cells() -> None:
    first = "def f(x):\n    return x + k\nrows = []\nfor i in g(n):\n    rows.append(f(i))\nunused = p + q"
    assert claimed_lines([("one", first), ("two", "assert sum(rows) == 3")]) == {
        ("one", 1), ("one", 2), ("one", 3), ("one", 4), ("one", 5),
    }  # fmt: skip


def test_tests_are_claims_and_never_changed() -> None:
    solution = cell("solution", "def double(x):\n    return 2 * x", role=Role.SOLUTION)
    tests = cell("tests", "def test_two():\n    assert double(1 + 1) == 4", role=Role.TESTS)
    process = Process(card="x", name="core", env="core", cells=(solution, tests))
    assert {each.cell for each in slips(process, 99)} == {"solution"}


def test_a_limit_spreads_the_slips_over_the_cell() -> None:
    source = "\n".join(f"x{n} = f({n})" for n in range(20)) + "\nassert " + " + ".join(f"x{n}" for n in range(20))
    assert [after for _, after in made(source, limit=4)] == ["x0 = f(1)", "x5 = f(6)", "x10 = f(11)", "x15 = f(16)"]
