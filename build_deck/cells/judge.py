"""Is what a cell printed this time what it printed when it was recorded? The same verdict in CI and in Anki.

Text between numbers must be equal; integers exactly; numbers with a point or an exponent within `rtol` and `atol`.
"""

import difflib
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Dict, List, Tuple

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf|nan)(?![\w])")
MODES = ("numbers", "text", "shape", "none")
COORDINATE = re.compile(r"(?<![\w.#])-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w])")


@dataclass(frozen=True)
class Tolerance:
    """How outputs are compared: mode `numbers`, `text`, `shape` (text without the numbers' values) or `none`."""

    mode: str = "numbers"
    rtol: float = 1e-3
    atol: float = 1e-5


@dataclass(frozen=True)
class Verdict:
    """Whether two outputs agree; `diff` says in words where they do not."""

    same: bool
    diff: str = ""


def judge(expected: str, got: str, tolerance: Tolerance) -> Verdict:
    """Compare `got` with `expected`. Raises ValueError for an unknown mode."""
    if tolerance.mode not in MODES:
        raise ValueError("compare=%s is not one of %s" % (tolerance.mode, ", ".join(MODES)))
    if tolerance.mode == "none" or expected == got:
        return Verdict(True)
    if tolerance.mode != "text":
        texts, values = _split(expected)
        other_texts, other_values = _split(got)
        if texts == other_texts and (
            tolerance.mode == "shape"
            or all(_close(left, right, tolerance) for left, right in zip(values, other_values))
        ):
            return Verdict(True)
    return Verdict(False, _diff(expected, got))


def judge_drawing(expected: str, got: str, tolerance: Tolerance) -> Verdict:
    """Compare two SVGs: the same elements, coordinates within 0.5 % or half a point, whatever ids they use."""
    if tolerance.mode == "none" or expected == got:
        return Verdict(True)
    wide = Tolerance("numbers", max(tolerance.rtol, 5e-3), max(tolerance.atol, 0.5))
    texts, values = _split(_plain(expected), COORDINATE)
    other_texts, other_values = _split(_plain(got), COORDINATE)
    if texts != other_texts:
        return Verdict(False, _shapes_differ(expected, got))
    far = [
        (a, b) for a, b in zip(values, other_values) if abs(float(a) - float(b)) > wide.atol + wide.rtol * abs(float(a))
    ]
    if not far:
        return Verdict(True)
    return Verdict(
        False, "%d of %d coordinates differ, the first is %s and was %s" % (len(far), len(values), *far[0][::-1])
    )


def _shapes_differ(expected: str, got: str) -> str:
    """How many elements of which kind there are, and were; or that only what they are like differs."""
    was, now = (Counter(re.findall(r"<(\w+)", svg)) for svg in (expected, got))
    counts = [
        "%s × %d (was %d)" % (name, now[name], was[name]) for name in sorted({*was, *now}) if was[name] != now[name]
    ]
    return "other elements: " + ", ".join(counts) if counts else "the same elements, with other styles, paths or glyphs"


def _plain(svg: str) -> str:
    # ids hash coordinates or count the font's glyphs: only which element refers to which matters
    order: Dict[str, str] = {}

    def renamed(match: "re.Match[str]") -> str:
        return "%s(%s)" % (match[1], order.setdefault(match[2], chr(0x4E00 + len(order))))

    svg = re.sub(r"""(id="|href="#|url\(#)([^")]+)""", renamed, svg)
    return re.sub(r"([MLQCZ])", r" \1 ", svg)


def _split(text: str, number: "re.Pattern[str]" = NUMBER) -> Tuple[List[str], List[str]]:
    # runs of blanks pad numbers of other lengths, so they count as one
    words = [
        " ".join(part.split(" ")) if not part.strip(" ") else re.sub(r" +", " ", part) for part in number.split(text)
    ]
    return words, number.findall(text)


def _close(expected: str, got: str, tolerance: Tolerance) -> bool:
    if _integral(expected) and _integral(got):
        return _digits(expected) == _digits(got)
    left, right = float(expected), float(got)
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    if math.isinf(left) or math.isinf(right):
        return left == right
    return abs(left - right) <= tolerance.atol + tolerance.rtol * abs(left)


def _integral(number: str) -> bool:
    return number.lstrip("+-").isdigit()


def _digits(number: str) -> str:
    # as text: Python refuses to read numbers of more than some thousand digits
    digits = number.lstrip("+-").lstrip("0")
    return "-" + digits if digits and number.startswith("-") else digits


def _diff(expected: str, got: str) -> str:
    lines = difflib.unified_diff(expected.splitlines(), got.splitlines(), "frozen", "this run", lineterm="", n=1)
    return "\n".join(list(lines)[:60])
