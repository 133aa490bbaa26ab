"""For each rule a card that breaks it, with the place of the problem, and one that does not."""

from __future__ import annotations

import pytest
from checked_deck import Check

ASKED = "- 追问：\n  - 问：一？答：一。\n  - 问：二？答：二。\n"
MUTANT = '```diff {.mutant of=c name="错"}\n- 1\n+ 2\n```\n'
CELL = f"```python {{#c}}\nassert 1\n```\n{MUTANT}"
STUB = "```python {.stub}\n1\n```\n"
TESTS = "```python {.tests}\ndef test_a(): 1\n```\n"
TRITON = (
    "```python {{#c env=ref{1}}}\nimport triton.language as tl\n"
    "def f(p):\n  x = {0}\nx = torch.ones(1).bfloat16()\nassert x\n```\n"
)
GOOD = f"1) 甲？ {{#a}}\n- 标准答：一。\n{CELL}{ASKED}"


def test_a_good_card_has_no_problem(checked: Check) -> None:
    assert checked(GOOD) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1) 甲？ {#a}\n- 展开：一。\n", "2:4 C201 error"),
        ("1) 甲？ {#a}\n- 标准答：\n", "3:3 C201 error"),
        ("1) 甲？\n", "2:4 C201 warning"),
        ("1) 甲？ {#a}\n- 标准答：一。\n- 追问：\n  - 问：二？\n", "5:7 C202 warning"),
        ("1) 甲？ {#a}\n- 标准答：一。\n- 追问：\n  - 问：二？ {#b}\n", "5:7 C202 error"),
        ("1) 甲？\n- 标准答：一。\n", ""),
    ],
)
def test_required(checked: Check, text: str, wanted: str) -> None:
    assert " ".join(checked(text, only="C20")) == wanted or checked(text, only="C202") == [wanted]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ("```python {.stub}\n1\n```\n```python {.solution}\n1\n```\n", ["2:4 C204 error"]),
        ("```python {.stub}\n1\n```\n```python {.tests}\ndef test_a(): 1\n```\n", ["2:4 C204 error"]),
        (
            f"{STUB}{STUB}```python {{.solution}}\n1\n```\n{TESTS}{TESTS}",
            ["8:1 C204 error"],
        ),
    ],
)
def test_a_kata_has_its_parts(checked: Check, cells: str, wanted: list[str]) -> None:
    assert checked(f"1) 写？ {{#a kind=kata}}\n- 标准答：一。\n{cells}", only="C204") == wanted


def test_only_a_kata_has_them(checked: Check) -> None:
    assert checked("1) 写？ {#a}\n- 标准答：一。\n```python {.stub}\n1\n```\n", only="C205") == ["5:1 C205 error"]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("```python {#c}\nassert 1\n```\n", ["5:1 C203 warning"]),
        (CELL, []),
        ("```yaml {.static}\na: 1\n```\n", ["5:1 C207 error"]),
        ('```yaml {.static why="配置"}\na: 1\n```\n', []),
    ],
)
def test_evidence(checked: Check, body: str, wanted: list[str]) -> None:
    assert checked(f"1) 甲？ {{#a}}\n- 标准答：一。\n{body}", only="C20") == wanted


def test_a_calculation_has_code(checked: Check) -> None:
    assert checked("1) 甲？ {#a kind=calculation}\n- 标准答：一。\n", only="C206") == ["2:4 C206 warning"]


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("字" * 150 + "，。" * 9 + "`代码" + "码" * 99 + "` $\\text{数}$ Latin", []),
        ("字" * 151, ["3:7 C301 error"]),
        ("五点：\n" + "  - 点\n" * 5, []),
        ("六点：\n" + "  1. 点\n" * 6, ["3:7 C302 error"]),
    ],
)
def test_caps_of_the_answer(checked: Check, answer: str, wanted: list[str]) -> None:
    text = f"1) 甲？ {{#a}}\n- 标准答：{answer}\n"
    assert [item for code in ("C301", "C302") for item in checked(text, only=code)] == wanted


@pytest.mark.parametrize(("count", "wanted"), [(0, ["2:4"]), (1, ["4:3"]), (2, []), (4, []), (5, ["4:3"])])
def test_two_to_four_follow_ups(checked: Check, count: int, wanted: list[str]) -> None:
    asked = "- 追问：\n" + "  - 问：一？答：一。\n" * count if count else ""
    found = checked(f"1) 甲？ {{#a}}\n- 标准答：一。\n{asked}", only="C303")
    assert found == [f"{place} C303 warning" for place in wanted]


def test_three_pitfalls(checked: Check) -> None:
    assert checked("1) 甲？\n- 标准答：一。\n- 坑位：\n" + "  - 坑\n" * 4, only="C304") == ["8:5 C304 warning"]
    assert checked("1) 甲？\n- 标准答：一。\n- 坑位：\n" + "  - 坑\n" * 3, only="C304") == []


def test_forty_visible_lines_of_code(checked: Check) -> None:
    card = "1) 甲？ {{#a}}\n- 标准答：一。\n```python {{#c}}\n{}```\n"
    assert checked(card.format("x = 1\n" * 40 + "#| check\n" + "assert x\n" * 40), only="C305") == []
    assert checked(card.format("x = 1\n" * 41), only="C305") == ["5:1 C305 error"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("式 $x_1$、$\\text{每秒}\\ 3$ 与 \\$5、`$5`、$$y$$", []),
        ("量 $2\\times32$ 和 $128\\,\\text{KiB}$", []),
        ("只有一个 $x 而已", ["3:12 C401 error"]),
        ("$a$ 与 $b", ["3:13 C401 error"]),
        ("卖 $5 和 $10 元", ["3:12 C402 error"]),
        ("式 $x 是$", ["3:12 C402 error"]),
        ("共$1$0 元", ["3:8 C403 error"]),
        ("from $5 to $6", ["3:12 C403 error"]),
        ("式 $\\frac{a}{b$", ["3:9 C404 error"]),
        ("式 $\\left( x$", ["3:9 C404 error"]),
        ("式 $\\{ x$ 开区间", []),
    ],
)
def test_formulas(checked: Check, text: str, wanted: list[str]) -> None:
    assert checked(f"1) 甲？ {{#a}}\n- 标准答：{text}\n", only="C4") == wanted


def test_a_formula_is_looked_at_wherever_it_stands(checked: Check) -> None:
    text = (
        "1) 甲 $式$？ {#a}\n- 标准答：一。\n- 展开：\n\n  段\n  里 $甲$\n- 坑位：错：$乙$。对：$丙$。\n- 参考：$丁$\n"
    )
    assert checked(text, only="C402") == [
        "2:7 C402 error", "7:6 C402 error", "8:9 C402 error", "8:15 C402 error", "9:7 C402 error",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("用 GPU 算 8 次，见 `torch里` 与 $x$式。", []),
        ("用GPU算", ["3:8 C601 warning"]),
        ("占 50%的", ["3:12 C601 warning"]),
        ("见 https://a.b/中c 与 [图](图a.md)", ["3:22 C601 warning"]),
        ("好,坏", ["3:8 C602 warning"]),
        ("好吗?", ["3:9 C602 warning"]),
        ("降到 max(取, 算)", []),
    ],
)
def test_spacing(checked: Check, text: str, wanted: list[str]) -> None:
    assert checked(f"1) 甲？ {{#a}}\n- 标准答：{text}\n", only="C6") == wanted


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("```python {#c}\nprint(1)  # assert\n```\n", ["5:1 C701 warning"]),
        ("```python {#c raises=ValueError}\nint('x')\n```\n", []),
        ("```python {#c}\ntorch.testing.assert_close(1, 1)\n```\n", []),
        ('```python {#c figure="图"}\nplot()\n```\n', ["5:1 C701 warning"]),
        ('```python {#c}\nassert 1\n```\n```python {#d figure="图"}\nplot()\n```\n', []),
        ("```python {#c}\nassert 1\nx = (\n```\n", ["6:5 C702 error"]),
        ("- 代码：\n  ```python {#c}\n  assert 1\n  def\n  ```\n", ["7:6 C702 error"]),
        ('```python {.static why="省略"}\nx = ...(\n```\n', []),
        ("```python {.tests}\nassert 1\n```\n", ["5:1 C703 error"]),
        (TRITON.format("tl.load(p)", ""), ["7:7 C704 error"]),
        (TRITON.format("tl.load(p).to(tl.float32)", ""), []),
        (TRITON.format("tl.load(p)", " needs=cuda"), []),
        (TRITON.format("tl.load(p)", "").replace(".bfloat16()", ".half()  # not bfloat16"), []),
    ],
)
def test_code(checked: Check, cell: str, wanted: list[str]) -> None:
    assert checked(f"1) 甲？ {{#a}}\n- 标准答：一。\n{cell}", only="C7") == wanted
