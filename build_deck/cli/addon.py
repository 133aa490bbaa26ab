"""The command about the add-on."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from build_deck import ship
from build_deck.cli.say import root_option, status, tell, working


@click.command("addon")
@root_option
def addon_command(root: Path) -> None:
    """Leave dist/proofdeck-<version>.ankiaddon, which knows every cell of this deck and of those released before."""
    with working(root) as session:
        summary, problems = ship.addon(session)
    tell(problems)
    if summary is None:
        click.echo("nothing was published; an earlier add-on in dist/ is as it was", err=True)
        sys.exit(status(problems))
    click.echo(f"  cells     {summary.known} known to the add-on")
    click.echo(f"  add-on    {summary.path.relative_to(root)}, {summary.size / 1e6:.2f} MB")
