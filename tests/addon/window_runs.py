"""A learner presses ▶: outputs, figures, verdicts, stop, flip, floods, and how long the window made him wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aqt.qt import Qt
from aqt.theme import Theme
from PyQt6.QtTest import QTest

from tests.addon.addon_window import AddonWindow, play

CLOCK = """(() => {
  const root = document.querySelector('#qa .cell[data-cell="%s"]'), listing = root.querySelector('.pd-printed samp');
  let watch = null;
  root.querySelector('.pd-go').addEventListener('click', () => {
    const began = performance.now();
    if (watch) watch.disconnect();
    watch = new MutationObserver(() => {
      if (listing.textContent) { window.took = performance.now() - began; watch.disconnect(); }
    });
    watch.observe(listing, {childList: true, characterData: true, subtree: true});
  }, {capture: true});
})()"""
"""Milliseconds from the last click to the first character on the page, as the page itself sees them."""


INKS = """[...document.querySelectorAll('.pd-figures img')].map(image => {
  const svg = atob(image.src.split(',')[1]).toLowerCase();
  return [image.className, ...['#0c0c0c', '#1f2328', '#e6e8eb'].map(colour => svg.includes(colour))];
})"""
"""Of each image of a run: whether the sentinel's, the day's and the night's ink is in it."""
PRESSES = 9


def scene(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Every step and what was to be seen after it."""
    before = window.stored()
    told = {step.__name__: step(window, out) for step in steps()}
    return {**told, "changed": window.changed(before)}


def steps() -> Iterator[Any]:
    """In this order: the first one loads torch."""
    yield from (first, agrees, draws, differs, slow, flip, endless, markup, fails, overtime, kata, gpu, keyboard)
    yield from (flood, gigabyte, drip, heavy, narrow)


def first(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The first run of all, during which torch is loaded."""
    window.visit("agrees")
    window.shoot(out / "idle.png")
    window.gaps.take()
    with window.own:
        window.press("agrees")
        loading = window.until("agrees", lambda cell: cell["clock"])
        window.shoot(out / "loading.png")
        done = window.until("agrees", lambda cell: cell["state"] == "done", 120)
    return {"loading": loading, "done": done, **window.gaps.take(), **window.own.told()}


def agrees(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Again, on the warm runner, several times: from the click to the first output."""
    window.evaluate(CLOCK % "agrees")
    waits = []
    for _ in range(PRESSES):
        done = window.run("agrees")
        waits.append(round(window.evaluate("window.took"), 1))
    return {**done, "waits": waits}


def draws(window: AddonWindow, out: Path) -> dict[str, Any]:
    """A figure by torch and matplotlib, in the ink of the day and of the night."""
    window.visit("draws")
    done = window.run("draws")
    window.until("draws", lambda cell: cell["images"])
    window.evaluate("document.querySelector('.pd-figures').open = true; 1")
    by_day = window.until("draws", lambda cell: all(image["width"] for image in cell["images"]))
    inks = window.evaluate(INKS)
    window.evaluate("document.querySelector('.pd-shown').scrollIntoView({block: 'end'})")
    window.shoot(out / "light.png")
    window.main.set_theme(Theme.DARK)
    window.wait(lambda: window.evaluate("document.body.classList.contains('nightMode')"), "the night")
    by_night = window.cell("draws")
    window.shoot(out / "dark.png")
    window.main.set_theme(Theme.LIGHT)
    window.wait(lambda: not window.evaluate("document.body.classList.contains('nightMode')"), "the day")
    return {**done, "day": by_day["images"], "night": by_night["images"], "inks": inks}


def differs(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Another output than the recorded one, line by line."""
    window.visit("differs")
    done = window.run("differs")
    window.shoot(out / "differs.png")
    return done


def slow(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Lines arrive while the cell runs."""
    window.visit("slow")
    window.press("slow")
    live = window.until("slow", lambda cell: "tick 1" in cell["printed"] and cell["state"] == "running")
    window.shoot(out / "running.png")
    done = window.until("slow", lambda cell: cell["state"] == "done")
    return {"live": live["printed"], **done}


def flip(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The question again and back, after a run and in the middle of one."""
    before = window.cell("slow")
    window.main.reviewer._showQuestion()
    window.wait(lambda: not window.cell("slow"), "the question")
    window.show_answer()
    after = window.until("slow", bool)
    window.press("slow")
    window.until("slow", lambda cell: "tick 1" in cell["printed"])
    window.main.reviewer._showQuestion()
    window.show_answer()
    done = window.until("slow", lambda cell: cell["state"] == "done")
    return {"before": before, "after": after, "midway": done}


def endless(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Stop."""
    window.visit("endless")
    window.press("endless")
    running = window.until("endless", lambda cell: "begun" in cell["printed"])
    window.gaps.take()
    with window.own:
        stopped = window.run("endless", 10)
    return {"running": running, **window.gaps.take(), **window.own.told(), **stopped}


def markup(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Output that looks like a page stays text."""
    window.visit("markup")
    done = window.run("markup")
    window.pump(0.3)
    return {**done, "pwned": window.evaluate("window.pwned || null")}


def fails(window: AddonWindow, out: Path) -> dict[str, Any]:
    """A failed assertion."""
    window.visit("fails")
    done = window.run("fails")
    window.shoot(out / "failed.png")
    return done


def overtime(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Longer than its limit."""
    window.visit("overtime")
    return window.run("overtime")


def kata(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The tests of a kata call its solution."""
    window.visit("kata")
    return window.run("kata-tests")


def gpu(window: AddonWindow, out: Path) -> dict[str, Any]:
    """A cell that needs what this machine has not."""
    window.visit("gpu")
    window.until("gpu", lambda cell: cell["enabled"])
    window.click(".pd-go")
    told = window.until("gpu", lambda cell: cell["note"] and cell["state"] == "done")
    window.shoot(out / "lacking.png")
    return told


def keyboard(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Without a mouse."""
    window.visit("agrees")
    window.until("agrees", lambda cell: cell["enabled"])
    window.evaluate("document.querySelector('.pd-go').focus()")
    QTest.keyClick(window.main, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    return window.until("agrees", lambda cell: cell["state"] == "done" and cell["printed"])


def flood(window: AddonWindow, out: Path) -> dict[str, Any]:
    """200,000 lines as fast as they come."""
    return _pour(window, "flood")


def gigabyte(window: AddonWindow, out: Path) -> dict[str, Any]:
    """A thousand lines of a million characters."""
    return _pour(window, "gigabyte")


def drip(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Single characters, by turns into both streams."""
    return _pour(window, "drip")


def _pour(window: AddonWindow, name: str) -> dict[str, Any]:
    window.visit(name)
    window.gaps.take()
    with window.own:
        window.press(name)
        done = window.until(name, lambda cell: cell["state"] == "done")
    size = len(done.pop("printed"))
    return {**done, "size": size, **window.gaps.take(), **window.own.told()}


def heavy(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Four figures of two megabytes each, and the card turned over with them."""
    window.visit("heavy")
    told = {}
    with window.own:
        window.press("heavy")
        window.until("heavy", lambda cell: "drawn" in cell["printed"])
        window.gaps.take()
        done = window.until("heavy", all_drawn, 120)
        told["run"] = {**window.gaps.take(), **window.own.told()}
    window.main.reviewer._showQuestion()
    window.wait(lambda: not window.cell("heavy"), "the question")
    window.gaps.take()
    with window.own:
        window.show_answer()
        window.until("heavy", all_drawn, 120)
        told["flip"] = {**window.gaps.take(), **window.own.told()}
    return {**done, **told}


def all_drawn(cell: dict[str, Any]) -> bool:
    """Whether the page shows four whole figures."""
    return len(cell["images"]) == 4 and all(image["width"] for image in cell["images"])


def narrow(window: AddonWindow, out: Path) -> dict[str, Any]:
    """As narrow as Anki lets its window be."""
    size = window.main.size()
    window.main.resize(400, 800)
    window.visit("differs")
    window.run("differs")
    wide = window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    window.shoot(out / "narrow.png")
    window.main.resize(size)
    return {"too_wide": wide}


if __name__ == "__main__":
    play(scene)
