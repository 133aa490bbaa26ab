"""A preview that is open in the browser, and what is asked of it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, Request

from tests.browser import gallery

HERE = Path(__file__).parent
EXAMINE = (HERE / "examine.js").read_text(encoding="utf-8")
CONTRAST = (HERE.parent / "render" / "contrast.js").read_text(encoding="utf-8")
STARTS = (HERE / "starts.js").read_text(encoding="utf-8")
SHOWN = """([key, side]) => document.getElementById('link').textContent === key
    && document.querySelector(`[data-side=${side}]`).getAttribute('aria-pressed') === 'true'"""
SHOTS = os.environ.get("PROOFDECK_SHOTS")
"""A folder for pictures, by hand: PROOFDECK_SHOTS=/tmp/shots make test TESTS=tests/browser"""


@dataclass
class View:
    """A preview in a window of one size, by day or by night."""

    page: Page
    name: str
    heard: list[str] = field(default_factory=list)
    """Whatever was said on the console or asked of a network."""

    @property
    def frame(self) -> Frame:
        """The document that the card is in."""
        found = self.page.query_selector("#frame")
        assert found is not None
        inner = found.content_frame()
        assert inner is not None
        return inner

    def show(self, key: str, side: str) -> None:
        """Go to a card as a link does, and wait until it is typeset."""
        self.page.evaluate(f"location.hash = {json.dumps(f'{key}/{side}' if side == 'back' else key)}")
        self.page.wait_for_function(SHOWN, arg=[key, side])
        self.settle()

    def settle(self) -> None:
        """Wait for MathJax and for pictures."""
        self.page.wait_for_function(
            "() => { const page = document.getElementById('frame').contentDocument;"
            " return page.getElementById('qa').dataset.typeset === 'yes' && [...page.images].every(i => i.complete) }"
        )

    def unfold(self) -> None:
        """Open every fold, so that nothing hides from the tests."""
        self.page.evaluate("proofdeck.frame.unfold()")

    def faults(self) -> dict[str, list[Any]]:
        """What is wrong in the frame and around it."""
        return {
            "card": self.frame.evaluate(EXAMINE),
            "page": self.page.evaluate(EXAMINE),
            "contrast": [
                each for shown in (self.frame, self.page) for each in shown.evaluate(CONTRAST) if each["ratio"] < 4.5
            ],
            "heard": list(self.heard),
        }

    def shoot(self, name: str) -> None:
        """Keep a picture, when pictures are asked for."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(SHOTS) / f"{name}-{self.name}.png")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, ...]]:
    """The gallery's page, and the keys of its cards."""
    folder = tmp_path_factory.mktemp("gallery") / "preview"
    return folder / "index.html", gallery.make(folder)


def _hear_failure(view: View, request: Request) -> None:
    # going on to another card gives up the loading of this one: that is no fault
    if request.failure != "net::ERR_ABORTED":
        view.heard.append(f"failed {request.url}: {request.failure}")


def open_view(chromium: Browser, page: Path, size: tuple[int, int], *, night: bool) -> View:
    """A fresh visitor."""
    width, height = size
    phone = width < 700
    context = chromium.new_context(
        viewport={"width": width, "height": height}, is_mobile=phone, has_touch=phone,
        device_scale_factor=2 if phone else 1, color_scheme="dark" if night else "light",
    )  # fmt: skip
    view = View(page=context.new_page(), name=f"{width}-{'night' if night else 'day'}")
    view.page.on("console", lambda message: view.heard.append(message.text))
    view.page.on("pageerror", lambda error: view.heard.append(str(error)))
    view.page.on("requestfailed", lambda request: _hear_failure(view, request))
    view.page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:")) else view.heard.append(request.url),
    )
    view.page.goto(page.as_uri())
    view.page.wait_for_selector("body[data-ready=yes]")
    return view
