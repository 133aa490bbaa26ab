"""Markdown → HTML for one card; the only rendering module that imports markdown-it.

Raw HTML is text, links lead to http and https only, images are the card's own files. What a card mentions and what is
wrong with it gathers in its `Typesetter`, which lives as long as that one card.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from build_deck.model.card import Prose
from build_deck.model.note import Media
from build_deck.model.problem import Problem
from build_deck.render import maths
from build_deck.render.code import Memory, listing
from build_deck.render.safe import escape, plain
from build_deck.tex import spoken

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MARKUP = re.compile(r"[\\`*_$<>&\[\]!|~\n]|^\s*(?:[-+#=]|\d+[.)])|arXiv:|doi:|https?:")
_BLOCK = re.compile(r"[-+*#>|`~=<$\[_:]|\d{1,9}[.)]")
"""What may open something else than a paragraph; one line without it needs no block parser."""
_CITED = re.compile(
    r"arXiv:(?P<arxiv>\d{4}\.\d{4,5}(?:v\d+)?)|doi:(?P<doi>10\.\d{4,9}/[a-zA-Z\d.()/_-]*[a-zA-Z\d])|"
    r"(?P<url>https?://[^\s<>“”，。；（）、》」]+[^\s<>“”，。；（）、》」.,;:!?)'\"])"
)
_FLAG = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]{0,22}(?![\w-])")
"""Of a command, as long as a line of a 320 px screen in code."""
_SCHEME = re.compile(r"https?://", re.IGNORECASE)

_CLOSING = "，。、；：？！）】》」』”’,.;:?!)…"
_OPENING = "（【《「『“‘"
"""Punctuation that may not begin, or end, a line. None is in both, and none needs escaping."""

Env = dict[str, Any]


class Typesetter:
    """Sets the prose of one card; `media` and `problems` grow as it goes."""

    def __init__(self, images: Mapping[str, Media], memory: Memory | None = None) -> None:
        self._images = images
        self._memory = memory
        self._prose: Prose | None = None
        self.media: list[str] = []
        self.problems: list[Problem] = []

    def block(self, prose: Prose) -> str:
        """Paragraphs, lists, tables, formulas, fences."""
        text = prose.text.strip()
        if not _MARKUP.search(text):
            return f"<p>{escape(text)}</p>" if text else ""
        self._prose = prose
        if "\n" not in text and not _BLOCK.match(text):
            return f"<p>{_engine().renderInline(text, {'typesetter': self})}</p>"
        return str(_engine().render(prose.text, {"typesetter": self})).rstrip("\n")

    def code(self, source: str, language: str) -> str:
        """Source code in its box, coloured."""
        return listing(source, language, self._memory)

    def inline(self, prose: Prose) -> str:
        """One paragraph without its `<p>`; anything more is set as blocks."""
        html = self.block(prose)
        alone = html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1
        return html[3:-4] if alone else html

    def phrase(self, text: str, prose: Prose | None = None) -> str:
        """Inline Markdown of an attribute, such as a caption; faults point at `prose` when given."""
        if not _MARKUP.search(text):
            return escape(text)
        self._prose = prose
        return str(_engine().renderInline(text, {"typesetter": self}))

    def mention(self, media: Media) -> str:
        """The escaped name of `media`, noted as used by this card."""
        if media.name not in self.media:
            self.media.append(media.name)
        return escape(media.name)

    def image(self, src: str, alt: str) -> str:
        """`<img>` of a local file; an unknown one is a problem and leaves its alt text."""
        media = self._images.get(src)
        if media is None:
            self._fault(
                "H001", src, f"no local image {src!r}", "images lie next to the answer file; the web is refused"
            )
            return escape(alt)
        return f'<img src="{self.mention(media)}" alt="{escape(spoken(alt))}">'

    def refuse_link(self, href: str) -> None:
        """Note a link that is neither http nor https."""
        self._fault("H002", href, f"link to {href!r} is not http(s)", "cite a web address, or write the name only")

    def _fault(self, code: str, needle: str, text: str, hint: str) -> None:
        if self._prose is None:
            return
        before = self._prose.text.partition(needle)[0]
        line = before.count("\n")
        span = self._prose.place(line, len(before) - before.rfind("\n") - 1)
        self.problems.append(Problem(code=code, span=span, text=text, hint=hint))


@cache
def _engine() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415  (a build that renders nothing never loads it)
    from mdit_py_plugins.dollarmath import dollarmath_plugin  # noqa: PLC0415

    engine = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}).enable("table")
    engine.disable(["html_block", "html_inline"]).use(dollarmath_plugin, allow_labels=False, double_inline=True)
    # links are judged when they are set, where the fault has a place
    engine.validateLink = lambda url: True  # type: ignore[method-assign]
    for name, rule in _RULES.items():
        engine.add_render_rule(name, rule)
    return engine


def _text(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    content = tokens[index].content
    # what clings to a formula is set with it
    content = content[len(_clinging(tokens, index - 1, 1)) :]
    content = content[: len(content) - len(_clinging(tokens, index + 1, -1))] if content else content
    if ("arXiv:" in content or "doi:" in content or "http" in content) and not _inside_link(tokens, index):
        return _CITED.sub(_cite, plain(content))
    return plain(content)


def _cite(match: re.Match[str]) -> str:
    arxiv, doi = match["arxiv"], match["doi"]
    url = f"https://arxiv.org/abs/{arxiv}" if arxiv else f"https://doi.org/{doi}" if doi else match["url"]
    return f'<a href="{url}">{match[0]}</a>'


def _inside_link(tokens: Sequence[Token], index: int) -> bool:
    kinds = [token.type for token in tokens[:index]]
    return kinds.count("link_open") > kinds.count("link_close")


def _softbreak(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    # a line end between Han characters is no space; next to Latin letters or a formula it is one
    before = tokens[index - 1].content[-1:] if index and tokens[index - 1].type == "text" else ""
    after = tokens[index + 1].content[:1] if index + 1 < len(tokens) and tokens[index + 1].type == "text" else ""
    wide = [bool(side) and unicodedata.east_asian_width(side) in "WF" for side in (before, after)]
    mark = any(side and unicodedata.category(side)[0] == "P" and ord(side) > 0x2000 for side in (before, after))
    return "" if all(wide) or mark else "\n"


def _hardbreak(*_: object) -> str:
    return "<br>"


def _link_open(_: object, tokens: Sequence[Token], index: int, options: object, env: Env) -> str:
    href = str(tokens[index].attrGet("href") or "")
    if _SCHEME.match(href):
        return f'<a href="{escape(href)}">'
    env["typesetter"].refuse_link(href)
    return "<span>"


def _link_close(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    depth = 0
    for token in reversed(tokens[:index]):
        depth += (token.type == "link_close") - (token.type == "link_open")
        if depth < 0:
            return "</a>" if _SCHEME.match(str(token.attrGet("href") or "")) else "</span>"
    return "</a>"


def _image(_: object, tokens: Sequence[Token], index: int, options: object, env: Env) -> str:
    token = tokens[index]
    return str(env["typesetter"].image(str(token.attrGet("src") or ""), token.content))


def _fence(_: object, tokens: Sequence[Token], index: int, options: object, env: Env) -> str:
    token = tokens[index]
    language = (token.info.split() or [""])[0].lower()
    return f"{env['typesetter'].code(token.content, language)}\n"


def _code_inline(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    # a browser breaks lines after any dash, which makes two flags of one
    return f"<code>{_FLAG.sub(_flag, escape(tokens[index].content))}</code>"


def _flag(match: re.Match[str]) -> str:
    return f'<span class="nb">{match[0]}</span>'


def _cell_open(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    token = tokens[index]
    side = str(token.attrGet("style") or "").partition(":")[2]
    return f'<{token.tag} class="{side}">' if side in {"right", "center"} else f"<{token.tag}>"


def _clinging(tokens: Sequence[Token], index: int, side: int) -> str:
    """The mark of punctuation right behind (`side` 1) or before (-1) the formula at `index`; empty for other tokens."""
    beside = index + side
    if not (0 <= index < len(tokens) and 0 <= beside < len(tokens)):
        return ""
    if tokens[index].type != "math_inline" or tokens[beside].type != "text":
        return ""
    mark = tokens[beside].content[:1] if side > 0 else tokens[beside].content[-1:]
    return mark if mark and mark in (_CLOSING if side > 0 else _OPENING) else ""


def _math_inline(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    before, after = _clinging(tokens, index, -1), _clinging(tokens, index, 1)
    return maths.inline(tokens[index].content.strip(), before, after)


def _math_line(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    return f'<span class="m">{maths.display(tokens[index].content.strip())}</span>'


def _math_block(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    return f'<div class="m">{maths.display(tokens[index].content.strip())}</div>\n'


_RULES: dict[str, Callable[..., str]] = {
    "text": _text, "softbreak": _softbreak, "hardbreak": _hardbreak, "link_open": _link_open,
    "link_close": _link_close, "image": _image, "fence": _fence, "code_block": _fence, "code_inline": _code_inline,
    "math_inline": _math_inline, "math_inline_double": _math_line, "math_block": _math_block,
    "th_open": _cell_open, "td_open": _cell_open,
    "table_open": lambda *_: '<div class="wide"><table>', "table_close": lambda *_: "</table></div>\n",
}  # fmt: skip
