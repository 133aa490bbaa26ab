"""TeX as near to print as letters come, for where nothing typesets: titles in a list, what a picture shows in words."""

from __future__ import annotations

import re
from collections.abc import Callable

_GROUP = r"\{([^{}]*)\}"
_SIGNS = (
    ("times", "×"), ("cdot", "·"), ("approx", "≈"), ("leq", "≤"), ("le", "≤"), ("geq", "≥"), ("ge", "≥"), ("neq", "≠"),
    ("ne", "≠"), ("to", "→"), ("rightarrow", "→"), ("infty", "∞"), ("sum", "Σ"), ("propto", "∝"), ("pm", "±"),
    ("in", "∈"), ("alpha", "α"), ("beta", "β"), ("gamma", "γ"), ("delta", "δ"), ("epsilon", "ε"), ("eta", "η"),
    ("theta", "θ"), ("lambda", "λ"), ("mu", "μ"), ("pi", "π"), ("sigma", "σ"), ("tau", "τ"), ("phi", "φ"),
)  # fmt: skip
_LOW = str.maketrans("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_HIGH = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TEX: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\\(?:text|mathrm|mathbf|mathbb|mathcal|operatorname|boldsymbol)" + _GROUP), r"\1"),
    (re.compile(r"\\sqrt" + _GROUP), lambda found: _root(found[1])),
    (re.compile(r"\\[dt]?frac" + _GROUP + _GROUP), r"\1/\2"),
    *((re.compile(rf"\\{name}(?![a-zA-Z])"), sign) for name, sign in _SIGNS),
    (re.compile(r"_\{?(\d+|[aehijklmnoprstuvx])(?:\}|(?![a-zA-Z\d]))"), lambda found: found[1].translate(_LOW)),
    (re.compile(r"\^\{?(-?\d+)(?:\}|(?!\d))"), lambda found: found[1].translate(_HIGH)),
    (re.compile(r"\\(?:left|right|big|Big|,|;|!|:)"), ""),
    (re.compile(r"[\\{}]"), ""),
)
_INLINE = re.compile(r"\$([^$]+)\$")
_MARKED = re.compile(r"(`|\*\*?)(.+?)\1")


def readable(tex: str) -> str:
    r"""`\sqrt{d_k}` is √dₖ."""
    for pattern, replacement in _TEX:
        tex = pattern.sub(replacement, tex)
    return tex.strip()


def spoken(markdown: str) -> str:
    """Inline Markdown without its marks, as a screen reader is to say it."""
    return _INLINE.sub(lambda found: readable(found[1]), _MARKED.sub(r"\2", markdown))


def _root(tex: str) -> str:
    return f"√{tex}" if len(tex.partition("_")[0]) == 1 else f"√({tex})"
