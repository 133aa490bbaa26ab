"""Design tokens: the colours of day and night, the type scale, the font stacks. The stylesheet holds no other colour.

Ink and paper are those that figures and diagrams are drawn for. Every pair in `TEXT_ON` reads at 4.5:1 or better.
"""

from __future__ import annotations

from types import MappingProxyType

LIGHT = MappingProxyType(
    {
        "paper": "#ffffff", "panel": "#f6f7f8", "line": "#e3e6e9", "ink": "#1f2328", "soft": "#5a626b",
        "accent": "#1c5fa8", "good": "#1d6b43", "bad": "#a83243", "half": "#8a5300",
        "hk": "#8b2f9e", "hs": "#1b6a44", "hn": "#9c4a00", "hc": "#5a626b", "hf": "#1a5cab", "hb": "#0d6670",
        "hd": "#8a5300", "hx": "#a83243", "good-wash": "#eff7f2", "bad-wash": "#fbf1f2", "half-wash": "#faf4e9",
        "shade": "#dadee2",
    }
)  # fmt: skip

DARK = MappingProxyType(
    {
        "paper": "#1c1e22", "panel": "#25282d", "line": "#383c43", "ink": "#e6e8eb", "soft": "#a3abb5",
        "accent": "#8bb8f2", "good": "#83cfa3", "bad": "#f09aa6", "half": "#e3b565",
        "hk": "#d3a0ea", "hs": "#93d3a8", "hn": "#eeb07c", "hc": "#a3abb5", "hf": "#92bdf5", "hb": "#7fcdd6",
        "hd": "#e3b565", "hx": "#f09aa6", "good-wash": "#1e2a25", "bad-wash": "#2d2225", "half-wash": "#2b2720",
        "shade": "#3a3e46",
    }
)  # fmt: skip

_TEXT = ("ink", "soft", "accent", "good", "bad", "half")
_CODE = ("hk", "hs", "hn", "hc", "hf", "hb", "hd", "hx")
TEXT_ON = (
    *((text, ground) for text in _TEXT for ground in ("paper", "panel", "shade")),
    *((text, ground) for text in _CODE for ground in ("panel", "shade")),
    *((text, ground) for text in ("ink", "soft") for ground in ("good-wash", "bad-wash", "half-wash")),
    ("good", "good-wash"), ("bad", "bad-wash"), ("half", "half-wash"),
)  # fmt: skip
"""(text, background) pairs that the stylesheet uses; what scrolls goes under the shade of its box's edge."""

SANS = (
    '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", '
    '"Noto Sans SC", "Source Han Sans SC", sans-serif'
)
MONO = (
    'ui-monospace, "SF Mono", Menlo, "Cascadia Mono", Consolas, "Roboto Mono", "DejaVu Sans Mono", '
    '"Noto Sans Mono CJK SC", "PingFang SC", "Microsoft YaHei", monospace'
)
