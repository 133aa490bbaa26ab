"""The labels that open a field, in all the spellings that are read."""

from __future__ import annotations

import re
from types import MappingProxyType

from build_deck.model.card import Label

_SPELLINGS = MappingProxyType(
    {label.value: label for label in Label} | {"标准答案": Label.ANSWER, "反问": Label.ASK_BACK, "坑点": Label.PITFALLS}
)

_MISTAKEN = MappingProxyType(
    {
        "答": Label.ANSWER, "答案": Label.ANSWER, "参考答案": Label.ANSWER, "标准回答": Label.ANSWER,
        "解答": Label.ANSWER,
        "详解": Label.DETAIL, "解析": Label.DETAIL, "扩展": Label.DETAIL, "详细": Label.DETAIL,
        "代码示例": Label.CODE, "示例代码": Label.CODE, "图": Label.FIGURE, "图解": Label.FIGURE,
        "追问点": Label.FOLLOW_UPS, "反问题": Label.ASK_BACK,
        "坑": Label.PITFALLS, "易错": Label.PITFALLS, "易错点": Label.PITFALLS, "陷阱": Label.PITFALLS,
        "参考文献": Label.REFERENCES, "参考资料": Label.REFERENCES, "引用": Label.REFERENCES, "文献": Label.REFERENCES,
    }
)  # fmt: skip
"""Words that people write where they mean a label; they are text, and worth a warning."""

_WORD = "|".join(sorted((*_SPELLINGS, *_MISTAKEN), key=len, reverse=True))
_LABEL = re.compile(rf"[ \t]*(\*\*|__)?({_WORD})(?:\1[ \t]*[：:]|[：:](?:\1)?)[ \t]*" if _WORD else "")


def read_label(line: str, start: int) -> tuple[Label, int] | None:
    """The label at column `start` of a line and the column where its content begins."""
    match = _LABEL.match(line, start)
    if match is None or match[2] not in _SPELLINGS:
        return None
    return _SPELLINGS[match[2]], match.end()


def mistaken_label(line: str, start: int) -> tuple[str, Label] | None:
    """The word at column `start` that is no label, and the label that was probably meant."""
    match = _LABEL.match(line, start)
    if match is None or match[2] in _SPELLINGS:
        return None
    return match[2], _MISTAKEN[match[2]]
