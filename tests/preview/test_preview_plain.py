"""Questions as they stand in the list, and the text that a search looks through."""

from __future__ import annotations

import pytest

from build_deck.preview.plain import text_of, title_of


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        (r"为什么要除以 \(\sqrt{d_k}\)？", "为什么要除以 √dₖ？"),
        (r"按 \(1/\sqrt{2L}\) 缩小", "按 1/√(2L) 缩小"),
        (r"\(\frac{a_1}{b}\) 与 \(x^{2}\)", "a₁/b 与 x²"),
        (r"\(10^{-4}\)、\(W_{\text{out}}\)、\(\beta_2\)", "10⁻⁴、W_out、β₂"),
        (r"\(n \times m \le k\)", "n × m ≤ k"),
        ("<code>view</code> 与\n <b>reshape</b> &lt; 3", "view 与 reshape < 3"),
        (r'<span class="nb">\(O(n)\)，</span>对吗', "O(n)，对吗"),
    ],
)
def test_a_title_reads_on_one_line(markup: str, title: str) -> None:
    assert title_of(markup) == title


def test_words_of_a_card_are_found_across_tags() -> None:
    assert text_of("<p>softmax<br>饱和</p><pre>a  &lt; b</pre>\\(d_k\\)") == "softmax 饱和 a < b d_k"
