"""What the parent loads before the first fork, so that a child pays for none of it. Missing modules are left out."""

import contextlib
import importlib
import io
import sys
from types import ModuleType
from typing import Any

from .protocol import Interpreter

LAZY = ("torch.testing", "torch.optim", "torch.distributed", "torch._dynamo", "multiprocessing", "unittest.mock")
"""What torch loads at the first optimiser step or assert_close: seconds for every child that has to do it itself."""


SEED = 0
"""Of every generator when a job begins."""


def preload(interpreter: Interpreter) -> None:
    """Import, set one thread, apply the figure style, draw once so that fonts and backends are ready, and seed."""
    for name in (*interpreter.modules, "resource"):
        _load(name)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
        for name in LAZY:
            _load(name)
        _step(torch)
    if "matplotlib.pyplot" in sys.modules:
        _style(interpreter)
    # here, and not in every child: the first seeding of torch takes as long as all else that a small cell needs
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(SEED)
    if torch is not None:
        torch.manual_seed(SEED)


def _load(name: str) -> None:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)


def _step(torch: Any) -> None:
    weight = torch.nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.AdamW([weight])
    weight.sum().backward()
    optimizer.step()


def _style(interpreter: Interpreter) -> None:
    matplotlib, pyplot = sys.modules["matplotlib"], sys.modules["matplotlib.pyplot"]
    manager: ModuleType = importlib.import_module("matplotlib.font_manager")
    if interpreter.font:
        # only the fonts that travel with the pinned packages and the deck: the same glyphs on every machine
        bundled: str = matplotlib.get_data_path()
        fonts = manager.fontManager
        fonts.ttflist = [entry for entry in fonts.ttflist if entry.fname.startswith(bundled)]
        fonts.addfont(interpreter.font)
    if interpreter.style:
        pyplot.style.use(interpreter.style)
    figure, axes = pyplot.subplots()
    axes.plot([0, 1], label="$x$")
    axes.set(title="0", xlabel="$y$", ylabel="0")
    axes.legend()
    axes.imshow([[0]])
    figure.savefig(io.BytesIO(), format="svg")
    pyplot.close("all")
    with contextlib.suppress(AttributeError):
        # matplotlib does it in every child, where it costs more: a font is not usable across a fork
        manager._get_font.cache_clear()
