"""Source code → HTML with short classes; the only module that imports Pygments.

A formatter of our own: Pygments' class names for 80 kinds of token become the ten that the stylesheet colours, and
neighbours of one colour share a span. That is half the bytes, and faster than `HtmlFormatter`.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from build_deck.render.safe import escape
from build_deck.render.scan import Scanner

if TYPE_CHECKING:
    from pygments.token import _TokenType

LEXERS = {
    "python": "python", "py": "python", "cuda": "cuda", "cpp": "cpp", "c++": "cpp", "c": "c", "bash": "bash",
    "sh": "bash", "shell": "bash", "console": "console", "json": "json", "yaml": "yaml", "toml": "toml", "sql": "sql",
    "diff": "diff", "jinja": "jinja", "html": "html", "makefile": "make",
}  # fmt: skip
"""Language word of a fence → Pygments lexer; every other word is shown without colours."""

CLASSES = (
    ("Comment", "hc"), ("Keyword.Constant", "hn"), ("Keyword", "hk"), ("Operator.Word", "hk"), ("Name.Function", "hf"),
    ("Name.Class", "hf"), ("Name.Decorator", "hd"), ("Name.Builtin", "hb"), ("Name.Exception", "hb"),
    ("Literal.String.Interpol", "hd"), ("Literal.String.Escape", "hd"), ("Literal.String.Affix", "hk"),
    ("Literal.String.Doc", "hc"), ("Literal.String", "hs"), ("Literal.Number", "hn"), ("Generic.Deleted", "hx"),
    ("Generic.Inserted", "hs"), ("Generic.Prompt", "hc"),
)  # fmt: skip
"""Pygments token type → class. The first that contains the token's type wins; none means plain ink."""


class Memory(Protocol):
    """Where highlighted code is remembered by content: most edits leave code alone, and Pygments loads slowly."""

    def get(self, key: str) -> Any:
        """What was put under the key, or None."""

    def put(self, key: str, value: Any) -> None:
        """Remember `value`."""


def listing(source: str, language: str, memory: Memory | None = None) -> str:
    """`source` in its own scrolling box."""
    if memory is None:
        return f'<div class="hl"><pre><code>{highlight(source, language)}</code></pre></div>'
    key = "code:" + hashlib.sha256(f"{language}\0{source}".encode()).hexdigest()
    known: str | None = memory.get(key)
    if known is None:
        memory.put(key, known := listing(source, language))
    return known


def highlight(source: str, language: str) -> str:
    """`source` as the content of a `<code>` element, without a final line end."""
    text = source.rstrip("\n")
    if language not in LEXERS or not text:
        return escape(text)
    pieces: list[str] = []
    run, current = "", ""
    for token, value in _lexer(LEXERS[language]).get_tokens(text):
        css = _css_class(token)
        if css == current or value.isspace():
            run += value
            continue
        pieces.append(_span(run, current))
        run, current = value, css
    pieces.append(_span(run.removesuffix("\n"), current))
    return "".join(pieces)


def _span(text: str, css: str) -> str:
    return f'<span class="{css}">{escape(text)}</span>' if css and text else escape(text)


@cache
def _lexer(name: str) -> Any:
    from pygments.lexer import RegexLexer  # noqa: PLC0415  (a build that renders nothing never loads it)
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415
    from pygments.token import Error, Whitespace  # noqa: PLC0415

    lexer: Any = get_lexer_by_name(name, stripnl=False)
    plain = type(lexer).get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed
    return Scanner(lexer, Error, Whitespace) if plain else lexer


@cache
def _css_class(token: _TokenType) -> str:
    from pygments.token import string_to_tokentype  # noqa: PLC0415

    for name, css in CLASSES:
        if token in string_to_tokentype(name):  # type: ignore[comparison-overlap]
            return css
    return ""
