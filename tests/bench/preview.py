"""How soon a preview of five hundred cards shows its first one, beside an empty page in the same browser; and a save.

`python -m tests.bench.preview [runs]`; load on the machine shows in both, so the pair says more than either.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "render"))

from tests.bench import saved
from tests.browser import gallery

CARDS = 500
SAVES = 7
GOAL = 100.0
"""Milliseconds."""
EMPTY = '<!DOCTYPE html><meta charset="utf-8"><p>题目</p><script>performance.mark("card")</script>'
SEEN = "['card', 'first-contentful-paint'].map(name => performance.getEntriesByName(name)[0]?.startTime ?? 0)"


def first_card(browser: Browser, page: Path) -> float:
    """Milliseconds from navigation to the first paint, which has the card in it, for a visitor who was never here."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.wait_for_function(f"{SEEN}.every(Boolean)")
    there, painted = tab.evaluate(SEEN)
    assert there < painted, "painted before the card was in the page"
    context.close()
    return float(painted)


def report(runs: int) -> tuple[str, bool]:
    """All as Markdown, and whether the goals are met."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        gallery.many(Path(folder) / "site", CARDS)
        (Path(folder) / "empty.html").write_text(EMPTY, encoding="utf-8")
        pages = {"empty page": Path(folder) / "empty.html", f"{CARDS} cards": Path(folder) / "site" / "index.html"}
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        seen: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(runs):
            for name, page in pages.items():
                seen[name].append(first_card(browser, page))
        row, goal, met = saved.report(browser, SAVES)
        browser.close()
    lines = ["| what is seen in the preview | best | median |", "|---|---:|---:|"]
    lines += [f"| {name} | {min(times):.0f} ms | {statistics.median(times):.0f} ms |" for name, times in seen.items()]
    lines.append(row)
    taken = statistics.median(seen[f"{CARDS} cards"])
    first = (
        f"- {'✓' if taken <= GOAL else '✗'} the first of {CARDS} cards seen after {taken:.0f} ms (at most {GOAL:.0f})"
    )
    return "\n".join([*lines, "", first, goal]), met and taken <= GOAL


if __name__ == "__main__":
    said, met = report(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
    print(said)
    sys.exit(0 if met else 1)
