"""The Markdown → .apkg builders we are measured against: versions, dialects, commands.

Each is installed into a throw-away environment of its own under `.build/bench/`; one that does not install or run
is reported as such and left out of the ratios.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench import corpus

Command = Callable[[Path, Path], list[str]]
"""From the environment's `bin` and the corpus folder to the command line, run in that folder."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One rival."""

    name: str
    requirements: tuple[str, ...]
    dialect: corpus.Dialect
    command: Command
    remark: str
    large: bool = False
    """Whether 10,000 notes finish in reasonable time."""


PEERS = (
    Peer(
        name="ankdown 0.7.1",
        requirements=("ankdown==0.7.1",),
        dialect=corpus.ankdown,
        command=lambda tools, folder: [f"{tools}/ankdown", "-r", str(folder), "-p", "out.apkg"],
        remark="C parser, no highlighting, no checks",
        large=True,
    ),
    Peer(
        name="ankdown 0.7.1 --highlight",
        requirements=("ankdown==0.7.1",),
        dialect=corpus.ankdown,
        command=lambda tools, folder: [f"{tools}/ankdown", "-r", str(folder), "-p", "out.apkg", "--highlight"],
        remark="highlights",
    ),
    Peer(
        name="ankivalenz 1.0.2",
        requirements=("ankivalenz==1.0.2",),
        dialect=corpus.ankivalenz,
        command=lambda tools, folder: [f"{tools}/ankivalenz", "run", str(folder)],
        remark="one-line cards only: no fenced code, no highlighting",
        large=True,
    ),
    Peer(
        name="markdown-anki-decks 1.1.1",
        requirements=("markdown-anki-decks==1.1.1", "click<8.2"),
        dialect=corpus.mdankideck,
        command=lambda tools, folder: [f"{tools}/mdankideck", str(folder), "."],
        remark="highlights",
    ),
    Peer(
        name="ankcompiler 0.6.0",
        requirements=("ankcompiler==0.6.0",),
        dialect=corpus.ankcompiler,
        command=lambda tools, folder: [f"{tools}/ankc", "build", "--all", "--path", str(folder), "--output", "."],
        remark="checks",
    ),
    Peer(
        name="md2anki 3.1.0",
        requirements=("md2anki==3.1.0",),
        dialect=corpus.md2anki,
        command=lambda tools, folder: [f"{tools}/md2anki", str(folder / "deck.md"), "-o-anki", "out.apkg"],
        remark="highlights; needs Python 3.12",
    ),
)


def install(peer: Peer, home: Path) -> Path | str:
    """The `bin` of the peer's environment, made when there is none; or why there cannot be one."""
    folder = home / "-".join(peer.requirements).replace("==", "-").replace("<", "-below-")
    tools = folder / ("Scripts" if sys.platform == "win32" else "bin")
    if (folder / "installed").is_file():
        return tools
    venv.create(folder, with_pip=True, clear=True)
    command = [tools / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *peer.requirements]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        return f"does not install: {(run.stderr.strip() or 'no message').splitlines()[-1][:80]}"
    (folder / "installed").write_text("\n".join(peer.requirements))
    return tools
