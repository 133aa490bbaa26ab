"""What several stages' tests share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

if TYPE_CHECKING:
    from build_deck.run import EnginePool


def pytest_configure() -> None:
    """Commands that tests interrupt start with the default, also where a shell runs the tests in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of this checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one real browser of a test run: Playwright cannot be started twice in one process."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def engines() -> Iterator[EnginePool]:
    """Preloaded engines: each takes seconds to start, so all tests that run cells lend the same."""
    from build_deck.run import EnginePool  # noqa: PLC0415  (most tests need no engine)

    with EnginePool() as pool:
        yield pool
