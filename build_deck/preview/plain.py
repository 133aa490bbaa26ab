"""HTML and TeX as plain text: what a list of questions shows and what a search looks through."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

_TAG = re.compile(r"<[^>]+>")
_BLANK = re.compile(r"\s+")
_DELIMITER = re.compile(r"\\[()\[\]]")
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
_FORMULA = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)


def text_of(markup: str) -> str:
    """The words of an HTML fragment, blanks joined, formulas as their TeX without delimiters."""
    words = html.unescape(_TAG.sub(" ", markup))
    return _BLANK.sub(" ", _DELIMITER.sub("", words)).strip()


def title_of(markup: str) -> str:
    """A question on one line, its formulas as near to print as letters come: `\\(\\sqrt{d_k}\\)` is √d_k."""
    words = html.unescape(_TAG.sub("", markup))
    return _BLANK.sub(" ", _FORMULA.sub(lambda found: _readable(found[1] or found[2] or ""), words)).strip()


def _readable(tex: str) -> str:
    for pattern, replacement in _TEX:
        tex = pattern.sub(replacement, tex)
    return tex.strip()


def _root(tex: str) -> str:
    return f"√{tex}" if len(tex.partition("_")[0]) == 1 else f"√({tex})"
