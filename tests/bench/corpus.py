"""Synthetic corpora: N Chinese interview notes, each with prose, maths, a code fence and an image of its own.

The content is the same in every dialect as far as the dialect can carry it; nothing is executed anywhere.
"""

from __future__ import annotations

import hashlib
import random
import struct
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

TOPICS = (
    "注意力",
    "KV 缓存",
    "低秩微调",
    "混合精度",
    "梯度裁剪",
    "归一化",
    "位置编码",
    "专家路由",
    "张量并行",
    "投机解码",
)
CLAUSES = (
    "显存占用与序列长度成正比", "数值稳定性来自先减去最大值", "反向传播要保存激活", "吞吐量受带宽限制",
    "先说清楚张量的形状", "复杂度由矩阵乘法决定", "因果掩码在 softmax 之前加上", "推理与训练的行为不同",
    "最小实现只要十行", "与朴素实现的误差小于千分之一", "忘记缩放会让梯度消失", "累加顺序带来舍入误差",
)  # fmt: skip
SECTION = "inference"
PER_FILE = 50


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One note, before any dialect."""

    number: int
    question: str
    answer: str
    wrong: str
    right: str
    inline: str
    display: str
    code: str

    @property
    def image(self) -> str:
        return f"fig-{self.number:06d}.png"

    @property
    def key(self) -> str:
        return hashlib.sha256(str(self.number).encode()).hexdigest()[:10]

    def body(self, marks: tuple[str, str, str, str] = ("$", "$", "$$", "$$"), image: str = "") -> str:
        """The answer in plain Markdown, maths between `marks`."""
        a, b, c, d = marks
        return (
            f"**标准答** {self.answer}\n\n行内公式 {a}{self.inline}{b}。\n\n{c}{self.display}{d}\n\n"
            f"**坑位** {self.wrong}{self.right}\n\n```python\n{self.code}\n```\n\n![图]({image or self.image})\n"
        )


def samples(count: int) -> Iterator[Sample]:
    """Notes 0 to count - 1; the same ones each time."""
    for number in range(count):
        chance = random.Random(number)
        width, length = chance.choice((32, 64, 128)), chance.choice((8, 16, 32))
        answer, wrong, right = ("，".join(chance.sample(CLAUSES, size)) + "。" for size in (5, 1, 3))
        yield Sample(
            number=number,
            question=f"第 {number} 题：{TOPICS[number % len(TOPICS)]}为什么这样设计？",
            answer=answer,
            wrong=wrong,
            right=right,
            inline=rf"\operatorname{{softmax}}(QK^\top/\sqrt{{{width}}})V",
            display=rf"L_{{{number}}}(\theta)=-\sum_{{t=1}}^{{{length}}}\log p_\theta(x_t\mid x_{{<t}})",
            code=(
                f"import torch\n\ntorch.manual_seed({number})\nq = torch.randn({length}, {width})\n"
                f"k = torch.randn({length}, {width})\nscores = q @ k.T / {width} ** 0.5\n"
                f"mask = torch.triu(torch.ones({length}, {length}), 1).bool()\n"
                "scores = scores.masked_fill(mask, float('-inf'))  # 因果掩码\nprob = scores.softmax(-1)\n"
                "assert torch.allclose(prob.sum(-1), torch.ones(len(q)))"
            ),
        )


def picture(number: int, side: int = 64) -> bytes:
    """A PNG of noise, about 4 kB: the size of a small plot, and nothing that could be compressed further."""
    chance = random.Random(number)
    rows = b"".join(b"\x00" + chance.randbytes(side) for _ in range(side))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 1)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data)) for tag, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def write_images(folder: Path, count: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"fig-{number:06d}.png").write_bytes(picture(number))


def proofdeck(folder: Path, count: int) -> None:
    """Our answer format: a checkout with one section, fifty cards a file."""
    home = folder / "source" / SECTION
    write_images(home, count)
    notes = list(samples(count))
    topics = {f"bench-{start:06d}": notes[start : start + PER_FILE] for start in range(0, count, PER_FILE)}
    listing = "".join(
        f"      {topic}: [{', '.join(_card_id(note) for note in cards)}]\n" for topic, cards in topics.items()
    )
    deck = f"sections:\n  - id: {SECTION}\n    title: 推理部署\n    topics:\n{listing}"
    (folder / "source" / "deck.yaml").write_text(deck, "utf-8")
    for topic, cards in topics.items():
        (home / f"{topic}.md").write_text(f"# {topic}\n\n" + "\n".join(map(_our_card, cards)), "utf-8")


def _card_id(note: Sample) -> str:
    return f"bench-{note.number:06d}-card"


def _our_card(note: Sample) -> str:
    return (
        f'{note.number % PER_FILE + 1}) {note.question} {{#{_card_id(note)} depth=1 waive="C303: 测速用"}}\n\n'
        f"- 标准答：{note.answer}行内公式 ${note.inline}$。\n\n  $${note.display}$$\n"
        f'- 代码：\n\n```python {{.static why="测速用，不执行"}}\n{note.code}\n```\n\n'
        f"- 图示：![图]({note.image})\n- 坑位：\n  - 错：{note.wrong} 对：{note.right}\n- 参考：arXiv:1706.03762\n"
    )


def plain(folder: Path, count: int) -> None:
    """Headings and bodies, for the render floor."""
    write_images(folder, count)
    (folder / "deck.md").write_text("".join(f"## {note.question}\n\n{note.body()}" for note in samples(count)), "utf-8")


def ankdown(folder: Path, count: int) -> None:
    write_images(folder / "bench", count)
    marks = ("\\\\(", "\\\\)", "\\\\[", "\\\\]")
    cards = (f"{note.question}\n\n%\n\n{note.body(marks)}\n%\n\nllm\n" for note in samples(count))
    (folder / "bench" / "deck.md").write_text("\n---\n\n".join(cards), "utf-8")


def ankivalenz(folder: Path, count: int) -> None:
    """One list item a card: fenced code has no place there and goes in as a code span."""
    write_images(folder, count)
    (folder / "ankivalenz.json").write_text('{"deck_id": 1783456281, "deck_name": "bench"}')
    items = (
        f"- {note.question} ?:: {note.answer} ${note.inline}$ {note.right} `{note.code.replace(chr(10), '; ')}` "
        f"![图]({note.image})\n"
        for note in samples(count)
    )
    (folder / "deck.md").write_text("# 面试\n\n" + "".join(items), "utf-8")


def mdankideck(folder: Path, count: int) -> None:
    write_images(folder, count)
    marks = ("\\\\(", "\\\\)", "\\\\[", "\\\\]")
    cards = "".join(f"## {note.question}\n\n{note.body(marks)}\n" for note in samples(count))
    (folder / "deck.md").write_text(f"# 面试\n\n{cards}", "utf-8")


def ankcompiler(folder: Path, count: int) -> None:
    write_images(folder, count)
    notes = list(samples(count))
    for start in range(0, count, 100):
        cards = "".join(
            f"---\n\n{note.question}\n\n:::\n\n{note.body()}\n---\n[^uid]: {note.key}\n"
            for note in notes[start : start + 100]
        )
        (folder / f"part-{start:06d}.md").write_text(f"---\ndeck: 面试\n---\n{cards}", "utf-8")


def md2anki(folder: Path, count: int) -> None:
    write_images(folder, count)
    cards = (
        f"## {note.question} ({uuid.UUID(int=note.number)})\n\n{note.body(image='./' + note.image)}\n"
        for note in samples(count)
    )
    (folder / "deck.md").write_text("# 面试 (1783456281)\n\n" + "".join(cards), "utf-8")


Dialect = Callable[[Path, int], None]
