"""The command line: one file a group of commands. Only this package prints, and only it exits."""

from __future__ import annotations

import click

from build_deck import __version__
from build_deck.cli.addon import addon_command
from build_deck.cli.cells import merge_command, run_command, verify_command
from build_deck.cli.deck import build_command, check_command, plan_command
from build_deck.cli.exits import Commands
from build_deck.cli.preview import preview_command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="proofdeck")
def main() -> None:
    """Answer files in, verified cells frozen, an Anki package out.

    \b
    Exit status:
      0  done
      2  faulty input: an answer file, deck.yaml, an option or an id that is not there
      3  verification failed: a cell, its output, a mutant, a record
      4  cells cannot run here: no sandbox, no environment, no cluster
      5  the system refused: disk full, not readable, not writable
      6  a fault of ours
      7  another command works in this checkout
      129, 130, 141, 143  terminal closed, interrupted, nobody reads what is said, terminated
    """


for command in (
    build_command,
    check_command,
    plan_command,
    run_command,
    verify_command,
    merge_command,
    preview_command,
    addon_command,
):
    main.add_command(command)
