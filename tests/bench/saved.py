"""How soon what is saved is seen in an open page of `preview --serve`: the shipped deck, the real server, the browser.

`python -m tests.bench.saved [saves]`; the clock starts before the answer file is written, and stops when its new words
are in the card's frame.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.preview_server import serving

ROOT = Path(__file__).resolve().parents[2]
GOAL = 1000.0
"""Milliseconds."""
ANSWER = "- 标准答："
SHOWS = "text => document.getElementById('frame').contentDocument.getElementById('qa').textContent.includes(text)"


def until_seen(tab: Page, root: Path, saves: int) -> Iterator[float]:
    """Milliseconds from each save of the first card's answer until it is read in the page."""
    key, at = tab.evaluate("(({key, at}) => [key, at])(proofdeck.index.cards[0])")
    tab.evaluate("key => { location.hash = `${key}/back` }", key)
    path = root / at.split(":")[0]
    above, below = _halves(path.read_text("utf-8"), int(at.split(":")[1]))
    for number in range(saves):
        words = f"第 {number} 次保存。"
        began = time.monotonic()
        path.write_text(f"{above}{below.replace(ANSWER, ANSWER + words, 1)}", "utf-8")
        tab.wait_for_function(SHOWS, arg=words)
        yield 1000 * (time.monotonic() - began)


def _halves(text: str, line: int) -> tuple[str, str]:
    lines = text.splitlines(keepends=True)
    return "".join(lines[: line - 1]), "".join(lines[line - 1 :])


def report(browser: Browser, saves: int) -> tuple[str, str, bool]:
    """The line of the table, the goal, and whether it is met."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("source", "figures", "requirements"):
            shutil.copytree(ROOT / name, root / name)
        with serving(root, ROOT) as port:
            tab = browser.new_page(viewport={"width": 1280, "height": 800})
            tab.goto(f"http://127.0.0.1:{port}/")
            tab.wait_for_selector("body[data-ready=yes]")
            cards = tab.evaluate("proofdeck.index.cards.length")
            times = list(until_seen(tab, root, saves))
            tab.close()
    taken = statistics.median(times)
    row = f"| {cards} cards, from a save until it is read | {min(times):.0f} ms | {taken:.0f} ms |"
    goal = f"- {'✓' if taken < GOAL else '✗'} what is saved is seen after {taken:.0f} ms (less than {GOAL:.0f})"
    return row, goal, taken < GOAL


if __name__ == "__main__":
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        row, goal, met = report(chromium, int(sys.argv[1]) if len(sys.argv) > 1 else 7)
        chromium.close()
    print(f"{row}\n\n{goal}")
    sys.exit(0 if met else 1)
