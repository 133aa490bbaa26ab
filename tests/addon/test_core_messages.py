"""A page may ask for a cell by its id, and for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as any_
from staged import Core


def test_what_a_page_may_ask(core: Core) -> None:
    parse, request = core.messages.parse, core.messages.Request
    assert parse("proofdeck:run:kv-cache-2") == request("run", "kv-cache-2")
    assert [parse(f"proofdeck:{word}") for word in ("stop", "state", "settings")] == [
        request("stop"), request("state"), request("settings"),
    ]  # fmt: skip


HOSTILE = [
    "", "run:a", "proofdeck", "proofdeck:", "proofdeck:run", "proofdeck:run:", "proofdeck:run:a:print(1)",
    "proofdeck:run:a\n", "proofdeck:run: a", "proofdeck:run:A", "proofdeck:run:../a", "proofdeck:run:a--b",
    "proofdeck:run:<b>", "proofdeck:run:ａ", "proofdeck:run:a\x00", "proofdeck:run:a\u202e", "proofdeck:Run:a",
    "proofdeck:proofdeck:run:a", " proofdeck:run:a", "proofdeck:stop:a", "proofdeck:state:1", "proofdeck:approve:a",
    "proofdeck:eval:import os", 'proofdeck:{"run":"a"}', "proofdeck:run:" + "a" * 1_000_000,
    "proofdeck:" + "[" * 10_000,
    "proofdeck:run:\ud800", "PROOFDECK:run:a", "proofdeck:run:é", "proofdeck:settings:x",
]  # fmt: skip


@pytest.mark.parametrize("message", HOSTILE, ids=lambda message: ascii(message[:30]))
def test_everything_else_is_refused(core: Core, message: str) -> None:
    assert core.messages.parse(message) is None


@given(any_.text())
def test_a_message_is_an_id_or_nothing(core: Core, text: str) -> None:
    request = core.messages.parse(f"proofdeck:run:{text}")
    assert request is None or (request.cell == text and text.isascii() and text == text.lower())


def test_ours_are_told_from_those_of_others(core: Core) -> None:
    assert core.messages.is_ours("proofdeck:nonsense")
    assert not core.messages.is_ours("ankihub:run:a")
