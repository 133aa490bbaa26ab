"""Every rule of the stage, and every code that a rule may give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType

from build_deck.check.rules import (
    asserts,
    caps,
    evidence,
    images,
    katas,
    kernels,
    maths,
    related,
    required,
    spacing,
    syntax,
    unique,
)
from build_deck.check.scope import Deck
from build_deck.model.card import Card
from build_deck.model.problem import Problem

CARD_RULES: tuple[Callable[[Card], Iterable[Problem]], ...] = (
    required.rule,
    katas.rule,
    evidence.rule,
    caps.rule,
    maths.rule,
    spacing.rule,
    syntax.rule,
    asserts.rule,
    kernels.rule,
)
"""Rules that look at one card alone; what they find is remembered by the card's digest."""

DECK_RULES: tuple[Callable[[Deck], Iterable[Problem]], ...] = (unique.rule, related.rule, images.rule)
"""Rules that need the whole deck or the files beside it."""

WAIVABLE = MappingProxyType(
    {
        "C203": "代码没有记录变异体",
        "C206": "计算题、编程题没有可运行的代码",
        "C301": "标准答超过 150 个汉字",
        "C302": "标准答超过 5 个要点",
        "C303": "追问不是 2 至 4 个",
        "C304": "坑位超过 3 个",
        "C305": "一个代码块可见行超过 40",
        "C601": "汉字与拉丁字母、数字之间没有空格",
        "C602": "汉字后面用了半角标点",
        "C701": "代码块没有断言",
    }
)
"""Codes that `waive="CODE: reason"` may set aside."""
