"""`run --export-cells` and `run --import-records`: cells for a machine with a GPU, and what it found out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from build_deck import run
from build_deck.cli.exits import Status
from build_deck.cli.journal import Journal
from build_deck.cli.say import count, sound, status, tell, working
from build_deck.execution import Account
from build_deck.progress import bars
from build_deck.session import open_session


class Need(click.ParamType[str]):
    """`needs=cuda`: what the cells that are meant ask for."""

    name = "needs=…"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name behind the sign; a usage error for anything else."""
        key, _, name = value.partition("=")
        if key != "needs" or not name:
            self.fail(f"{value} selects nothing; needs=cuda are the cells that need a GPU", param, ctx)
        return name


def export_cells(root: Path, need: str, cards: tuple[str, ...], journal: Journal, *, everything: bool) -> NoReturn:
    """Print the file and exit; nothing is printed when it would not work or be empty."""
    with bars() as listener:
        session = open_session(root, listener)
        corpus, noticed = sound(session, cards)
        bundle = run.export(corpus, session.ground, need, frozenset(cards), everything=everything)
    ended = status(bundle.problems)
    tell(bundle.problems)
    if ended is Status.DONE and not bundle.tasks:
        raise click.UsageError(f"no cell with needs={need} waits for a record (--all takes the others too)")
    journal.write(Account(problems=bundle.problems), noticed, ended)
    if ended is Status.DONE:
        click.echo(bundle.program, nl=False)
        click.echo(f"{len(bundle.tasks)} processes: python bundle.py > records.json", err=True)
    sys.exit(ended)


def import_records(root: Path, path: Path, journal: Journal) -> NoReturn:
    """Freeze what holds, say what does not, and exit."""
    with working(root) as session:
        corpus, noticed = sound(session)
        taken = run.take(path.read_text(encoding="utf-8", errors="replace"), path.name, corpus, session.ground)
    ended = status(taken.problems)
    journal.write(Account(problems=taken.problems), noticed, ended)
    tell(taken.problems)
    click.echo(f"{len(taken.tasks)} processes taken over, {taken.wrote} cards changed · {count(taken.problems)}")
    sys.exit(ended)
