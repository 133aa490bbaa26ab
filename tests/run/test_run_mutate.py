"""Which slips are made, where, and that Chinese in a line does not shift them."""

from __future__ import annotations

import pytest
from small_deck import cell

from build_deck.model.card import Role
from build_deck.run.mutate import slips, some
from build_deck.run.process import Process
from build_deck.run.slicing import claimed_lines


def made(*sources: str, limit: int = 99) -> list[tuple[str, str]]:
    cells = tuple(cell(f"c{at}", source) for at, source in enumerate(sources))
    found = some(slips(Process(card="x", name="core", env="core", cells=cells)), limit)
    return [(each.kind, each.after) for each in found]


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
        ("x: int = 7", []),
        ("x += a", [("sign", "x -= a")]),
        ("x -= 1", [("sign", "x += 1"), ("off by one", "x -= 2")]),
        ("x[a] *= b", [("factor", "x[a] /= b")]),
        ("x //= b", [("factor", "x *= b")]),
        ("x = [a for b in c if b < d]", [("comparison", "x = [a for b in c if b <= d]")]),
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
    assert {each.cell for each in slips(process)} == {"solution"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = (a  # a + sign in a comment\n     + b)", [("sign", "- b)")]),
        ("x = (a\n     <  # less\n     b)", [("comparison", "<=  # less")]),
        ("x = a \\\n  * b", [("factor", "/ b")]),
        ("x = (a +\n     '中文 + '\n     + b)", [("sign", "- b)"), ("sign", "x = (a -")]),
    ],
)
def test_operators_on_lines_of_their_own(source: str, expected: list[tuple[str, str]]) -> None:
    assert made(f"{source}\nassert x") == expected


def test_defaults_of_parameters_are_code_and_annotations_are_not() -> None:
    source = "def f(a, n=2, *, causal: bool = True, b: 'T[1]' = None) -> 'T[2]':\n    return a\nassert f(x)"
    assert [after.partition("(")[2][:26] for _, after in made(source)] == [
        "a, n=3, *, causal: bool = ",
        "a, n=2, *, causal: bool = ",
    ]
    assert made("g = lambda a, eps=0.5: a\nassert g(x)") == [("constant", "g = lambda a, eps=1.0: a")]


def test_a_function_that_asserts_is_mutated_all_but_its_asserts() -> None:
    source = (
        "def step(x):\n    y = x * k\n    assert y.shape == (1 + 1,)\n    torch.testing.assert_close(y + 1, y + 1)\n"
        "    return y - x\nclass Cache:\n    def put(self, k):\n        assert k > 0\n        self.n += k\nstep(a + b)"
    )
    assert [after for _, after in made(source)] == ["y = x / k", "return y + x", "self.n -= k", "step(a - b)"]


def test_what_is_claimed_reaches_into_branches() -> None:
    source = "try:\n    n = f(a)\nexcept ValueError:\n    n = a * b\nassert n"
    assert made(source) == [("factor", "n = a / b")]


def test_a_limit_spreads_the_slips_over_the_cell() -> None:
    source = "\n".join(f"x{n} = f({n})" for n in range(20)) + "\nassert " + " + ".join(f"x{n}" for n in range(20))
    assert [after for _, after in made(source, limit=4)] == ["x0 = f(1)", "x5 = f(6)", "x10 = f(11)", "x15 = f(16)"]
