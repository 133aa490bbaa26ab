"""Whether HTML closes what it opens, and what a sanitiser would take from it."""

from __future__ import annotations

from html.parser import HTMLParser

import nh3
from selectolax.lexbor import LexborHTMLParser

VOID = {"br", "hr", "img"}
ALLOWED = {
    "a": {"href"}, "img": {"src", "alt"}, "p": set(), "div": set(), "span": set(), "ul": set(), "ol": {"start"},
    "li": set(), "pre": set(), "code": set(), "samp": set(), "em": set(), "strong": set(), "b": set(), "br": set(),
    "small": set(), "blockquote": set(), "table": set(), "thead": set(), "tbody": set(), "tr": set(), "th": set(),
    "td": set(), "details": set(), "summary": set(), "figure": set(), "figcaption": set(), "hr": set(), "h2": set(),
    "h1": set(), "h3": set(), "h4": set(), "h5": set(), "h6": set(),
}  # fmt: skip


class _Stack(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()


def assert_well_formed(html: str) -> None:
    """Every element is closed, in order."""
    stack = _Stack()
    stack.feed(html)
    stack.close()
    assert stack.open == [], f"never closed: {stack.open}"


def tree(html: str) -> str:
    """What a browser makes of `html`, serialised in one way."""
    return LexborHTMLParser(f"<body>{html}</body>").html or ""


def assert_safe(html: str) -> None:
    """An allow-list sanitiser finds nothing to remove or to change."""
    cleaned = nh3.clean(
        html, tags=set(ALLOWED), attributes={tag: names | {"class"} for tag, names in ALLOWED.items()}, link_rel=None,
        generic_attribute_prefixes={"data-"}, url_schemes={"http", "https"},
    )  # fmt: skip
    assert tree(cleaned) == tree(html)
