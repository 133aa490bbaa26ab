"""Open matplotlib figures as SVG text, the same bytes every time. Touches matplotlib only if a cell imported it."""

import io
import logging
import sys
import warnings
from typing import Any, List, Tuple

from .protocol import Drawing, Limits


class FigureError(ValueError):
    """A figure that cannot be shipped: too big, too many, or none where the cell promises one."""


class _MissingGlyphs(logging.Filter):
    """Formulas only log what plain text warns of, and draw a dummy; keeps both out of the cell's stderr."""

    def __init__(self) -> None:
        super().__init__()
        self.said: List[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if "does not have a glyph" in text:
            self.said.append(text)
        return "glyph" not in text and "Substituting symbol" not in text


class Figures:
    """The figures that one cell leaves open."""

    def __init__(self, salt: str, cell: str, limits: Limits) -> None:
        self._salt = salt
        self._cell = cell
        self._limits = limits
        self._missing = _MissingGlyphs()
        logging.getLogger("matplotlib.mathtext").addFilter(self._missing)

    @property
    def _pyplot(self) -> Any:
        return sys.modules.get("matplotlib.pyplot")

    def save(self) -> Tuple[Drawing, ...]:
        """Every open figure in order of creation, named `<cell>` or `<cell>-<n>`.

        Raises FigureError beyond the limits, and the warning itself when a glyph is missing from the font.
        """
        numbers = self._pyplot.get_fignums() if self._pyplot else []
        if not numbers:
            raise FigureError("the cell has figure= but leaves no matplotlib figure open")
        if len(numbers) > self._limits.figures:
            raise FigureError("%d figures are open, at most %d are allowed" % (len(numbers), self._limits.figures))
        drawings: List[Drawing] = []
        for at, number in enumerate(numbers, 1):
            name = self._cell if len(numbers) == 1 else "%s-%d" % (self._cell, at)
            drawings.append(Drawing(name, self._svg(self._pyplot.figure(number), "%s/%d" % (self._salt, at))))
        if self._missing.said:
            raise FigureError("Glyph missing: %s (Chinese stands outside $…$)" % self._missing.said[0])
        return tuple(drawings)

    def _svg(self, figure: Any, salt: str) -> str:
        buffer = io.BytesIO()
        with sys.modules["matplotlib"].rc_context({"svg.hashsalt": salt}), warnings.catch_warnings():
            warnings.filterwarnings("error", message=r"Glyph \d+ .*missing from")
            figure.savefig(buffer, format="svg", metadata={"Date": None})
        if buffer.tell() > self._limits.figure:
            size = "%d KiB, at most %d" % (buffer.tell() >> 10, self._limits.figure >> 10)
            raise FigureError("a figure is %s; draw fewer marks or pass rasterized=True" % size)
        return buffer.getvalue().decode("utf-8")

    def close(self) -> None:
        """Close whatever is open, so that nothing leaks into the next cell."""
        logging.getLogger("matplotlib.mathtext").removeFilter(self._missing)
        if self._pyplot:
            self._pyplot.close("all")
