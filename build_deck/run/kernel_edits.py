"""The same slips as in `edits`, in CUDA C++: by tokens alone, since nothing here parses C++.

Never in a comment, a string, a preprocessor line, what is printed or asserted, nor in a constant that is only given a
name. Where tokens do not tell whether `*` multiplies or `<` compares, it is left alone. The first extent of an array
is no place for off by one either: more room than is used changes nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from build_deck.run.edits import Edit, Place

TOKEN = re.compile(
    r"""
    (?P<nothing> ^[ \t]*\#(?:\\\n|[^\n])* | //(?:\\\n|[^\n])* | /\*.*?\*/ | [ \t\r]+ | \\?\n )
    | (?P<text> R"(?P<mark>[^()\s\\]*)\(.*?\)(?P=mark)" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    | (?P<number> (?: 0[xXbB][\da-fA-F']+ | \d[\d']*(?:\.[\d']*)?(?:[eE][-+]?\d+)? | \.\d+(?:[eE][-+]?\d+)? )[uUlLfF]* )
    | (?P<name> [A-Za-z_]\w* )
    | (?P<sign> <<< | >>> | <<= | >>= | -> | \+\+ | -- | && | \|\| | :: | [-+*/%<>=!&|^]= | << | >> | . )
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
SWAPS = {
    "+": ("sign", "-"), "-": ("sign", "+"), "+=": ("sign", "-="), "-=": ("sign", "+="),
    "*": ("factor", "/"), "/": ("factor", "*"), "%": ("factor", "/"), "*=": ("factor", "/="), "/=": ("factor", "*="),
    "<<": ("factor", ">>"), ">>": ("factor", "<<"), "<<=": ("factor", ">>="), ">>=": ("factor", "<<="),
    "<": ("comparison", "<="), "<=": ("comparison", "<"), ">": ("comparison", ">="), ">=": ("comparison", ">"),
    "==": ("comparison", "!="), "!=": ("comparison", "=="),
}  # fmt: skip
SILENT = re.compile(r"\w*printf|(static_)?assert\w*|asm|__asm\w*|alignas|__align__|__launch_bounds__")
"""Calls that show, assert, or say something to the compiler."""
STREAMS = ("cout", "cerr")
TYPE = re.compile(
    r"(void|bool|auto|char|short|int|long|unsigned|signed|float|double|u?(char|short|int|long|longlong)|half|__half"
    r"|(__)?nv_bfloat16)(_raw)?[1-4]?|\w+_t|dim3|size_t"
)
NO_OPERAND = frozenset({"return", "case", "else", "do", "sizeof", "operator", "const", "volatile", "throw"})
WITHIN_BRACKETS = 24
"""Tokens that template arguments have at most."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int
    """Characters before it."""


def kernel_edits(source: str) -> Iterator[Edit]:
    """Every slip in `source`, which is CUDA C++, in its order."""
    found = (each for each in TOKEN.finditer(source) if each.lastgroup != "nothing" and not each["nothing"])
    tokens = [_Token(_kind(each), each[0], each.start()) for each in found]
    left_alone = {*_silent(tokens), *_named_constants(tokens)}
    brackets, types = _brackets(tokens), _types(tokens)
    roomy = _first_extents(tokens, types)
    for at, token in enumerate(tokens):
        if at in left_alone or at in brackets or (at in roomy and token.kind == "number"):
            continue
        change = _of(tokens, at, types, brackets)
        if change is not None:
            kind, text = change
            yield Edit(kind, _place(source, token.at), _place(source, token.at + len(token.text)), text)


def _kind(match: re.Match[str]) -> str:
    return next(name for name in ("text", "number", "name", "sign") if match[name] is not None)


def _place(source: str, offset: int) -> Place:
    before = source[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1)


def _of(tokens: Sequence[_Token], at: int, types: frozenset[str], brackets: frozenset[int]) -> tuple[str, str] | None:
    token = tokens[at]
    if token.kind == "number":
        return _number(token.text)
    if token.text in ("true", "false"):
        return "constant", "false" if token.text == "true" else "true"
    if token.kind != "sign" or token.text not in SWAPS or at + 1 == len(tokens):
        return None
    after = tokens[at + 1]
    if not _ends_operand(tokens, at - 1, types, brackets):
        return ("sign", "") if token.text == "-" and after.kind != "number" and at else None
    return SWAPS[token.text] if after.kind != "sign" or after.text in "(-+!~*&" else None


def _ends_operand(tokens: Sequence[_Token], at: int, types: frozenset[str], brackets: frozenset[int]) -> bool:
    if at < 0 or at in brackets:
        return False
    token = tokens[at]
    if token.kind == "name":
        return token.text not in NO_OPERAND and not _is_type(token, types)
    return token.kind == "number" or token.text in (")", "]")


def _number(text: str) -> tuple[str, str] | None:
    if re.fullmatch(r"0[xXbB].*", text):
        return None  # a mask counts nothing
    digits = text.rstrip("uUlLfF")
    suffix, plain = text[len(digits) :], digits.replace("'", "")
    if plain.isdecimal() and suffix.lower() != "f":
        return "off by one", f"{int(plain) + 1}{suffix}"
    return "constant", f"{float(plain) * 2 or 1.0!r}{suffix}"


def _is_type(token: _Token, types: frozenset[str]) -> bool:
    return token.kind == "name" and (token.text in types or TYPE.fullmatch(token.text) is not None)


def _types(tokens: Sequence[_Token]) -> frozenset[str]:
    """Names that the source itself makes types."""
    introduced = ("typename", "class", "struct", "using", "enum")
    pairs = itertools.pairwise(tokens)
    return frozenset(name.text for word, name in pairs if word.text in introduced and name.kind == "name")


def _silent(tokens: Sequence[_Token]) -> Iterator[int]:
    for at, token in enumerate(tokens):
        if token.kind == "name" and SILENT.fullmatch(token.text) and at + 1 < len(tokens):
            opens = at + 2 if tokens[at + 1].text == "volatile" else at + 1
            yield from range(at, _closing(tokens, opens) + 1)
        elif token.text in STREAMS or token.text == "enum":
            yield from range(at, next((end for end in range(at, len(tokens)) if tokens[end].text == ";"), at))


def _named_constants(tokens: Sequence[_Token]) -> Iterator[int]:
    """The literals after `=` in the declaration of a constant, as in `constexpr int n = 8, m = 4;`."""
    for at, token in enumerate(tokens):
        for start in _initialisers(tokens, at) if token.text in ("const", "constexpr") else ():
            end = next((end for end in range(start, len(tokens)) if not _literal(tokens[end])), start)
            if tokens[end].text == ";" or (tokens[end].kind == "name" and tokens[end - 1].text == ","):
                yield from range(start, end)


def _literal(token: _Token) -> bool:
    return token.kind == "number" or token.text in ("-", "{", "}", ",", "true", "false")


def _initialisers(tokens: Sequence[_Token], at: int) -> Iterator[int]:
    for place in range(at + 1, len(tokens) - 1):
        if tokens[place].text in (";", "(", ")") or (tokens[place].text == "{" and tokens[place - 1].text != "="):
            return
        if tokens[place].text == "=":
            yield place + 1


def _first_extents(tokens: Sequence[_Token], types: frozenset[str]) -> frozenset[int]:
    """Tokens of the first extent in declarations of arrays."""
    declared = (
        at for at in range(2, len(tokens)) if tokens[at].text == "[" and tokens[at - 1].kind == "name"
        and _is_type(tokens[at - 2], types)
    )  # fmt: skip
    return frozenset(each for at in declared for each in range(at, _closing(tokens, at)))


def _brackets(tokens: Sequence[_Token]) -> frozenset[int]:
    """The `<` and `>` around template parameters and arguments."""
    found: set[int] = set()
    for at in range(1, len(tokens)):
        before = tokens[at - 1]
        touches = before.at + len(before.text) == tokens[at].at
        if tokens[at].text == "<" and before.kind == "name" and (touches or before.text == "template"):
            found.update(_matching(tokens, at))
    return frozenset(found)


def _matching(tokens: Sequence[_Token], at: int) -> tuple[int, ...]:
    """Where the bracket that opens at `at` opens and closes; nothing when it closes nowhere."""
    depth = 0
    for place in range(at, min(len(tokens), at + WITHIN_BRACKETS)):
        text = tokens[place].text
        depth += {"<": 1, ">": -1, ">>": -2}.get(text, 0)
        if depth <= 0:
            return at, place
        if text in (";", "{", "}", "&&", "||", "?", "<<<"):
            return ()
    return ()


def _closing(tokens: Sequence[_Token], at: int) -> int:
    """Where the bracket at `at` is closed; the place before it when it is none."""
    depth = 0
    for place in range(at, len(tokens)):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(tokens[place].text, 0)
        if depth == 0:
            return place if place > at else at - 1
    return len(tokens) - 1
