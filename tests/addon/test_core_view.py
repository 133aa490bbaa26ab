"""What the page is told to draw for a cell, in whichever state: every word and every colour comes from here."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

STATUSES = ("timeout", "memory", "output", "processes", "sandbox", "stopped", "skipped")
OURS = ("same", "different", "unrecorded", "lacking", "failed")


def load(addon: Path, name: str) -> ModuleType:
    """A module of the Qt layer that needs no Qt, without its package, which does."""
    spec = spec_from_file_location(name, addon / "qt" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def qt(addon: Path) -> dict[str, ModuleType]:
    return {name: load(addon, name) for name in ("view", "labels")}


def drawn(qt: dict[str, ModuleType], **state: Any) -> dict[str, Any]:
    whole = {"phase": "done", "verdict": "same", "words": "same as verified", **state}
    return dict(qt["view"].view(whole, qt["labels"].labels("en", "linux")))


def test_every_ending_has_a_tone(qt: dict[str, ModuleType]) -> None:
    assert {*STATUSES, *OURS} == set(qt["view"].TONES)
    bad = {name for name, tone in qt["view"].TONES.items() if tone == "bad"}
    assert bad == {"different", "failed", "timeout", "memory", "output", "processes", "sandbox"}


def test_only_the_verdict_and_a_warning_are_coloured(qt: dict[str, ModuleType]) -> None:
    shown = drawn(qt, seconds=2.44, about="Python 3.11.7 · torch 2.13.0 · cpu", warning="no sandbox: it failed")
    assert shown["note"] == [
        ["good", "same as verified"], ["", "2.4 s"], ["", "Python 3.11.7 · torch 2.13.0 · cpu"],
        ["half", "no sandbox: it failed"],
    ]  # fmt: skip


def test_a_figure_that_the_card_shows_already_is_folded(qt: dict[str, ModuleType]) -> None:
    title = "Figure of this run"
    assert drawn(qt, figures=["图"])["figures"] == {"title": title, "alts": ["图"], "fold": True}
    assert drawn(qt, figures=["图"], verdict="different")["figures"]["fold"] is False
    assert drawn(qt, figures=[""])["figures"]["alts"] == [title]


@pytest.mark.parametrize(
    ("state", "action", "button"),
    [
        ({"phase": "idle"}, "run", "▶ Run"),
        ({"phase": "idle", "runnable": False, "hint": "newer"}, "", "▶ Run"),
        ({"phase": "loading"}, "stop", "■ Stop"),
        ({"phase": "running"}, "stop", "■ Stop"),
        ({}, "run", "▶ Run again"),
        ({"verdict": "lacking"}, "run", "▶ Run"),
        ({"verdict": "lacking", "remedy": "settings"}, "settings", "Settings…"),
    ],
)
def test_the_one_button(qt: dict[str, ModuleType], state: dict[str, Any], action: str, button: str) -> None:
    shown = drawn(qt, **state)
    assert (shown["action"], shown["button"]) == (action, button)
    assert (shown["title"] == "Ctrl+Enter") == (action in ("run", "stop"))


def test_time_is_counted_on_from_where_it_is(qt: dict[str, ModuleType]) -> None:
    assert drawn(qt, phase="loading", since=3.2)["clock"] == {"passed": 3.2, "unit": "%d s"}
    assert drawn(qt)["clock"] is None
