"""Where a long inline formula may be broken."""

from __future__ import annotations

import pytest

from build_deck.render import maths


@pytest.mark.parametrize(
    ("tex", "pieces"),
    [
        ("a=b=c", ("a={}", "b={}", "c")),
        (r"x\in\{a=b\}", (r"x\in{}", r"\{a=b\}")),
        (r"p(x=1)=\left(a\le b\right)", ("p(x=1)={}", r"\left(a\le b\right)")),
        (r"\begin{cases}a=b\end{cases}", (r"\begin{cases}a=b\end{cases}",)),
        (r"\sum_{i=1}^{n}i", (r"\sum_{i=1}^{n}i",)),
        (r"x\sim_{iid}p", (r"x\sim_{iid}p",)),
        ("=a", ("=a",)),
    ],
)
def test_breaks_only_after_relations_outside_groups(tex: str, pieces: tuple[str, ...]) -> None:
    assert maths.split(tex) == pieces


def test_nothing_is_lost_by_breaking() -> None:
    tex = r"2\times32\times128\times2\,\text{B}=512\,\text{KiB}\approx0.5\,\text{MiB}"
    assert "".join(maths.split(tex)).replace("{}", "") == tex


@pytest.mark.parametrize(
    ("tex", "wanted"),
    [
        ("a=b", r'<span class="nb">（\(a=b\)，</span>'),
        (r"\mathrm{softmax}(x)", r'<span class="nb">（<span class="tw">\(\mathrm{softmax}(x)\)</span>，</span>'),
        (r"\frac{a+b+c+d+e}{f+g+h+i+j}", r'<span class="mw">（\(\frac{a+b+c+d+e}{f+g+h+i+j}\)，</span>'),
        (
            "a+b+c+d=e+f+g+h+i+j",
            r'<span class="nb">（\(a+b+c+d={}\)</span><span class="nb">\(e+f+g+h+i+j\)，</span>',
        ),
    ],
    ids=["short", "long TeX", "one long piece", "pieces"],
)
def test_a_mark_is_never_parted_from_its_formula(tex: str, wanted: str) -> None:
    assert maths.inline(tex, "（", "，") == wanted


def test_a_short_formula_is_one_piece() -> None:
    assert maths.inline("a=b") == r"\(a=b\)"
