"""Reading takes time in proportion to the text, whatever the text is."""

from __future__ import annotations

import time

import pytest

from build_deck.parse.topic import parse_topic

CARD = """\
{0}) 第 {0} 题：$x_{0}$ 为什么这样？ {{#card-{0} depth=1}}

- 标准答：一句话，带 $a^2$ 和 `代码`。
- 展开：
  第一行
  - 点
- 代码：

```python {{#c}}
assert 1 + {0}
```

- 追问：
  - 问：为什么？
    答：因为。
- 坑位：
  - 错：甲。对：乙。
- 参考：书 · 论文

"""


def seconds(text: str) -> float:
    """CPU time of the quickest of three readings."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        parse_topic(text, "source/rag/topic.md", "rag")
        best = min(best, time.process_time() - start)
    return best


def test_time_grows_with_the_number_of_cards() -> None:
    few, many = ("# 题\n" + "".join(CARD.format(number % 999) for number in range(count)) for count in (60, 240))
    assert seconds(many) < 4 * 2 * seconds(few) + 0.05


@pytest.mark.parametrize(
    "unit",
    [
        "> ",
        "- ",
        "$$ a\n",
        "$a ",
        "`",
        "` `` ",
        '{a="',
        "  - x\n",
        "1) a\n",
        "3.\n",
        "```\n",
        "```python {#c\n",
        "答：x。",
        "\0",
    ],
)
def test_no_text_takes_long(unit: str) -> None:
    assert seconds("# 题\n1) 甲？ {#a}\n- 标准答：" + unit * 3000) < 1.5
