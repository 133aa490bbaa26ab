"""The command that shows the deck without Anki: `preview`."""

from __future__ import annotations

import contextlib
import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from build_deck.cli.say import alone, count, root_option, tell
from build_deck.progress import bars
from build_deck.session import Session, open_session

if TYPE_CHECKING:
    from build_deck.exhibit import Exhibit, Shown


@click.command("preview")
@click.option("--serve", is_flag=True, help="Serve it on this machine and show what is saved, until interrupted.")
@click.option("--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="With --serve; 0 for any.")
@root_option
def preview_command(root: Path, port: int, *, serve: bool) -> None:
    """Leave dist/preview/index.html, all cards as a page that opens without Anki and without a network."""
    from build_deck.exhibit import Exhibit  # noqa: PLC0415  (no other command pays for the preview)

    with bars() as listener:
        session = open_session(root, listener)
        exhibit = Exhibit(session)
        shown = _shown(exhibit, root)
    _say(shown, root)
    if serve:
        gc.enable()  # the short commands do without
        _serve(session, exhibit, port)


def _serve(session: Session, exhibit: Exhibit, port: int) -> None:
    from build_deck import preview  # noqa: PLC0415

    where = session.workspace

    def rebuild() -> tuple[str, ...]:
        shown = _shown(exhibit, where.root)
        _say(shown, where.root)
        return shown.changed

    def ready(address: str) -> None:
        click.echo(f"{address}  (Ctrl-C ends it)")

    with contextlib.suppress(KeyboardInterrupt):
        try:
            preview.serve(exhibit.folder, port, (where.source, where.figures), rebuild, ready)
        except OSError as fault:
            if fault.filename:
                raise
            raise OSError(fault.errno, fault.strerror, f"port {port}") from fault


def _shown(exhibit: Exhibit, root: Path) -> Shown:
    """Write the page while no other preview does. What runs and packs writes other files and need not wait."""
    with alone(root, "preview.lock", patient=True):
        return exhibit.show()


def _say(shown: Shown, root: Path) -> None:
    tell(shown.problems)
    click.echo(f"{shown.cards} cards, {count(shown.problems)} · {shown.page.relative_to(root)}")
