"""How soon a preview of five hundred cards shows its first one, beside an empty page in the same browser.

`python -m tests.bench.preview [runs]`; load on the machine shows in both, so the pair says more than either.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "render"))

from tests.browser import gallery

CARDS = 500
EMPTY = (
    '<!DOCTYPE html><meta charset="utf-8"><p>题目</p><script>requestAnimationFrame(() => '
    'requestAnimationFrame(() => performance.mark("card")))</script>'
)


def first_card(browser: Browser, page: Path) -> float:
    """Milliseconds from navigation to the frame after the first card was painted, for a visitor who was never here."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.wait_for_function("performance.getEntriesByName('card').length")
    seen = float(tab.evaluate("performance.getEntriesByName('card')[0].startTime"))
    context.close()
    return seen


def main(runs: int) -> None:
    """Print best and median of both."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        gallery.many(Path(folder) / "site", CARDS)
        (Path(folder) / "empty.html").write_text(EMPTY, encoding="utf-8")
        pages = {"empty page": Path(folder) / "empty.html", f"{CARDS} cards": Path(folder) / "site" / "index.html"}
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        seen: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(runs):
            for name, page in pages.items():
                seen[name].append(first_card(browser, page))
        browser.close()
    for name, times in seen.items():
        print(f"first card, {name:<10} best {min(times):4.0f} ms, median {statistics.median(times):4.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
