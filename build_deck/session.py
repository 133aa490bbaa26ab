"""One invocation: where, what is remembered, who is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from build_deck import run
from build_deck.memo import Memo, code_version
from build_deck.model.event import Progress
from build_deck.workspace import Workspace

Listener = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One invocation: where, what is remembered, who is told, whether missing environments may be installed."""

    workspace: Workspace
    ground: run.Ground
    memo: Memo
    listener: Listener
    install: bool = False


def open_session(root: Path, listener: Listener, *, install: bool = False, trust: bool = False) -> Session:
    """A session over the checkout at `root`; only with `trust` do cells run outside the sandbox."""
    workspace = Workspace(root)
    memo = Memo(workspace.build / "memo", code_version(Path(__file__).parent))
    ground = run.Ground.at(root, sandboxed=not trust)
    return Session(workspace=workspace, ground=ground, memo=memo, listener=listener, install=install)
