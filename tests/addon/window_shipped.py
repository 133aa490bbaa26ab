"""Cards of the deck that ships, run by the add-on that ships: what a learner sees, and pictures of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aqt.theme import Theme

from tests.addon.addon_window import AddonWindow, play

CARD, CELL = "attn-scale-sqrt-dk", "saturation"


def scene(window: AddonWindow, out: Path) -> dict[str, Any]:
    """One cell with torch and a figure, by day, and by night with the figure unfolded; it is known: nobody is asked."""
    window.main.resize(620, 1040)
    window.visit(CARD)
    window.run(CELL, 120)
    done = window.until(CELL, lambda cell: cell["images"] and all(image["width"] for image in cell["images"]))
    _frame(window)
    window.main.web.grab().save(str(out / "addon-light.png"))
    window.main.set_theme(Theme.DARK)
    window.wait(lambda: window.evaluate("document.body.classList.contains('nightMode')"), "the night")
    window.evaluate("document.querySelectorAll('.pd-figures').forEach(each => each.open = true); 1")
    _frame(window)
    window.main.web.grab().save(str(out / "addon-dark.png"))
    return {"done": done, "dialogs": len(window.dialogs())}


def _frame(window: AddonWindow) -> None:
    """The cell at the upper edge of the window."""
    window.evaluate(
        f"""(() => {{
  const cell = document.querySelector('.cell[data-cell="{CELL}"]');
  document.documentElement.style.overflow = 'hidden';
  scrollTo(0, cell.getBoundingClientRect().top + scrollY - 8);
  window.drawn = 0; requestAnimationFrame(() => requestAnimationFrame(() => window.drawn = 1)); return 1;
}})()"""
    )
    window.wait(lambda: window.evaluate("window.drawn"), "a frame")
    window.pump(0.3)


if __name__ == "__main__":
    play(scene)
