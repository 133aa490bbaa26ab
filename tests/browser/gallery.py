"""A preview of a fixed set of cards, one of every kind that looks different."""

from __future__ import annotations

from pathlib import Path

from render_builders import PLACE
from render_samples import ALL

from build_deck.draw import draw_card
from build_deck.exhibit import ORDERS
from build_deck.model.note import Media, RenderedNote
from build_deck.model.problem import Problem
from build_deck.parse.topic import parse_topic
from build_deck.preview import Leaf, Press, Site
from build_deck.render import CardInputs, faces, render_card

WRITTEN = """# 推理

1) 一次请求怎么走？ {#flow depth=2}

- 标准答：先预填充，再逐个解码；两个阶段的瓶颈不同。
- 图示：两个阶段。

```mermaid {#stages caption="预填充与解码"}
flowchart LR
  A[请求] --> B[预填充]
  B --> C[解码]
  C --> C
```
"""

RAW = """# 原始

1、KV cache 为什么能省时间？它要占多少显存：$2 \\times L \\times h \\times d$ 还要乘几？ {#raw}

- 标准答：历史 token 的 K、V 不随新 token 变，存下来就不必重算；`2 * layers * heads * d * len * bytes`。
"""


CHAPTERS = ("Transformer 与注意力", "解码、推理与部署", "GPU 与算子")
FACTS = {
    "attn-scale-sqrt-dk": (CHAPTERS[0], "进阶", "推导", "CPU 已执行"),
    "attn-scale-why-not-dk": (CHAPTERS[0], "深入", "追问", ""),
    "mha-handwrite": (CHAPTERS[0], "进阶", "手撕", "CPU 已执行"),
    "cuda-coalescing": (CHAPTERS[2], "深入", "代码", "仅编译"),
    "flow": (CHAPTERS[1], "基础", "概念", ""),
    "raw": (CHAPTERS[1], "进阶", "概念", ""),
}
"""Section, depth, kind and level of each card, none alike in all: what the filters choose by."""


def cards(folder: Path) -> tuple[tuple[CardInputs, tuple[RenderedNote, ...]], ...]:
    """The set, rendered; `folder` is where a diagram may be looked for."""
    inputs = (*(made() for made in ALL.values()), _parsed(WRITTEN, folder), _parsed(RAW, folder))
    return tuple((each, render_card(each)[0]) for each in inputs)


def media(inputs: CardInputs) -> tuple[Media, ...]:
    """The pictures of a card in both inks."""
    return tuple(each for picture in inputs.pictures.values() for each in (picture.light, picture.dark))


def make(folder: Path) -> tuple[str, ...]:
    """Write the site into `folder`; returns the keys of its cards."""
    made = cards(folder)
    leaves = tuple(leaf(note.id, inputs, note) for inputs, notes in made for note in notes)
    files = tuple({each.name: each for inputs, _ in made for each in media(inputs)}.values())
    Press(folder).publish(Site(version="9.9.9", leaves=leaves, faces=faces(), media=files, orders=ORDERS))
    return tuple(each.key for each in leaves)


def leaf(key: str, inputs: CardInputs, note: RenderedNote, problems: tuple[Problem, ...] = ()) -> Leaf:
    """A note with some facts about it."""
    card = inputs.card
    section, depth, kind, level = FACTS.get(key, FACTS["mha-handwrite"])
    return Leaf(
        key=key, note=note, section=section, topic=PLACE.topic_title, depth=card.depth, depth_name=depth, kind=kind,
        level=level, core=card.core and key == card.id, parent="" if key == card.id else card.id or "", span=card.span,
        problems=problems,
    )  # fmt: skip


def _parsed(text: str, root: Path) -> CardInputs:
    topic, _ = parse_topic(text, "source/transformer/attention.md", "transformer")
    (card,) = topic.cards
    pictures, problems = draw_card(card, None, root.parent)
    assert problems == ()
    return CardInputs(card=card, place=PLACE, pictures=pictures)


def many(folder: Path, count: int) -> None:
    """A site of `count` cards, all alike but for their names."""
    inputs = ALL["concept"]()
    note = render_card(inputs)[0][0]
    leaves = tuple(leaf(f"card-{number}", inputs, note) for number in range(count))
    Press(folder).publish(Site(version="9.9.9", leaves=leaves, faces=faces(), media=media(inputs)))
