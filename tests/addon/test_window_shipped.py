"""The add-on that ships with the deck that ships, in the real Anki window: torch, a figure, and no question asked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from build_deck.bootstrap import OLDEST_ANKI, python_of
from tests.deck.anki_window import drive
from tests.deck.conftest import Checkout

pytestmark = [pytest.mark.anki, pytest.mark.cells]


@pytest.mark.parametrize(
    "anki",
    [Path(sys.executable), pytest.param(python_of(OLDEST_ANKI), marks=pytest.mark.oldest)],
    ids=["newest", "oldest"],
)
def test_a_card_of_the_deck_is_proved_again_in_anki(project: Path, ankiaddon: Path, anki: Path, tmp_path: Path) -> None:
    deck = Checkout(project).clone(tmp_path / "clone").build()
    installed = drive("tests.addon.window_install", tmp_path, "--base", tmp_path / "base", "--out", tmp_path,
                      "--addon", ankiaddon, deck, python=anki)  # fmt: skip
    assert installed["addons"] == ["proofdeck"]
    out = tmp_path / "out"
    python = python_of(project / ".envs" / "core")
    arguments = ("--base", tmp_path / "base", "--out", out, "--python", python)
    seen = drive("tests.addon.window_shipped", out, *arguments, python=anki)
    assert seen["errors"] == []
    assert seen["dialogs"] == 0, "released code runs without a question"
    assert seen["done"]["tone"] == "good", seen["done"]["note"]
    assert [image["scheme"] for image in seen["done"]["images"]] == ["data:image/svg+xml;"]
    assert all((out / f"addon-{ink}.png").stat().st_size > 20_000 for ink in ("light", "dark"))
