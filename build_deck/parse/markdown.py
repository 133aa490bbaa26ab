"""Answer file → tree of blocks with line ranges. The only module of `parse` that knows markdown-it-py.

Block structure only, no inline rules. Rules that would lose text or surprise in Chinese prose are off: indented code,
setext headings, link reference definitions, HTML. Two rules of our own are on: the question line, so that `N、…` and
`**N. …**` are seen exactly where code fences are not, and `$$ … $$`, so that maths is never taken for a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from build_deck.parse.numbering import read_lonely, read_number
from build_deck.parse.source import Source

_OFF = ["code", "html_block", "lheading", "reference"]
_NUMBER_STARTS = frozenset("0123456789*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines `start` to `end` (from 0, end exclusive, no blank line at the end) that belong together."""

    kind: str
    """question, heading, hr, paragraph, fence, math, bullet_list, list_item, ordered_list or blockquote."""
    start: int
    end: int
    children: tuple[Block, ...] = ()
    info: str = ""
    """A fence's words after the opening marker."""
    markup: str = ""
    """A fence's marker, a heading's `#` signs."""
    content: str = ""
    """A fence's body, dedented."""


def read_blocks(source: Source) -> tuple[Block, ...]:
    """The top-level blocks of a file in order; every non-blank line lies in exactly one of them."""
    parser = _parser()
    tokens: list[Token] = []
    parser.block.parse("\n".join(source.lines), parser, {}, tokens)
    opened: list[Token] = []
    found: list[list[Block]] = [[]]
    for token in tokens:
        if token.nesting == 1:
            opened.append(token)
            found.append([])
        elif token.nesting == -1:
            children = tuple(found.pop())
            found[-1].append(_block(opened.pop(), source, children))
        elif token.type != "inline":
            found[-1].append(_block(token, source))
    return tuple(found[0])


def _block(token: Token, source: Source, children: tuple[Block, ...] = ()) -> Block:
    start, end = token.map or (0, 0)
    if token.type != "fence":
        end = source.trimmed(start, end)
    kind = token.type.removesuffix("_open")
    text = (token.info, _ended(token.content)) if kind == "fence" else ("", "")
    return Block(kind=kind, start=start, end=end, children=children, info=text[0], markup=token.markup, content=text[1])


def _ended(body: str) -> str:
    """A fence that the end of the file closes has a last line like any other."""
    return body if not body or body.endswith("\n") else body + "\n"


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 40}).disable(_OFF)
    ends_text: RuleOptionsType = {"alt": ["paragraph", "blockquote", "list"]}
    parser.block.ruler.before("blockquote", "question", _question, ends_text)
    parser.block.ruler.before("fence", "math", _math, ends_text)
    return parser


def _question(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A numbered line at the left edge of the file; it is a block of its own and ends whatever stands before it."""
    position = state.bMarks[start] + state.tShift[start]
    if position >= state.eMarks[start] or state.src[position] not in _NUMBER_STARTS:
        return False
    left = state.src.rfind("\n", max(0, position - 2), position) + 1
    if position - left > 1:
        return False
    length = _question_lines(state, state.src[left : state.eMarks[start]], start + 1, end)
    if length and not silent:
        state.push("question", "", 0).map = [start, start + length]
        state.line = start + length
    return length > 0


def _question_lines(state: StateBlock, line: str, following: int, end: int) -> int:
    """1 for a numbered line, 2 for a number alone and the line below it, 0 for no question."""
    if read_number(line) is not None:
        return 1
    if following >= end or state.isEmpty(following):
        return 0
    below = state.src[state.bMarks[following] : state.eMarks[following]]
    return 2 if read_lonely(line, below) is not None else 0


def _math(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`$$ … $$`; it never crosses a blank line, so a forgotten `$$` cannot eat the next question."""
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].rstrip()
    if not first.startswith("$$") or "$$" in first[2:-2]:
        return False
    last = start if len(first) > 4 and first.endswith("$$") else _closing(state, start + 1, end)
    if last is None:
        return False
    if not silent:
        state.push("math", "", 0).map = [start, last + 1]
        state.line = last + 1
    return True


def _closing(state: StateBlock, start: int, end: int) -> int | None:
    for line in range(start, end):
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
        if not text or state.sCount[line] < state.blkIndent:
            return None
        if text.endswith("$$"):
            return line
    return None
