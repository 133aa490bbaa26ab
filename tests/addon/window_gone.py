"""What a request or an answer belongs to is gone: the note, the card on show, the moment, the profile."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.addon.addon_window import play
from tests.addon.watched_window import WatchedWindow

ASK = "(() => {pycmd('proofdeck:run:agrees'); pycmd('proofdeck:state'); pycmd('proofdeck:stop'); return 1})()"


def scene(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """Every step, how many jobs ran in it and what else was to be seen."""
    told: dict[str, Any] = {}
    for step in steps():
        window.jobs.clear()
        seen = step(window)
        told[step.__name__] = {"jobs": len(window.jobs), **seen}
    return told


def steps() -> Iterator[Any]:
    """In any order."""
    yield from (deleted_note, broken_handler)


def deleted_note(window: WatchedWindow) -> dict[str, Any]:
    """The note on show was deleted in another window, and its page still asks; then the review goes on."""
    _show_copy(window, "agrees")
    window.main.col.remove_notes([window.main.reviewer.card.nid])
    window.wind()
    window.evaluate(ASK)
    window.pump(0.5)
    before = len(window.jobs)
    window.visit("slow")
    window.visit("agrees")
    return {"during": before, "after": window.run("agrees")["printed"]}


def _show_copy(window: WatchedWindow, name: str) -> None:
    """Go on to a new note like the one with this id."""
    window.visit(name)
    collection, shown = window.main.col, window.main.reviewer.card
    copy = collection.new_note(shown.note_type())
    copy.fields = [*window.note(name).fields]
    copy["Id"] = "copy"
    collection.add_note(copy, shown.did)
    window.visit("copy")
    window.until(name, lambda cell: cell["enabled"])


def broken_handler(window: WatchedWindow) -> dict[str, Any]:
    """A fault of ours in a card that is shown and in a message of its page: told of, and forgotten with the next."""
    review, said = window.module("qt.review"), io.StringIO()
    read = review._cells

    def breaks(card: Any) -> str:
        raise RuntimeError("a fault of ours")

    review._cells = breaks
    with contextlib.redirect_stderr(said):
        window.visit("slow")
        window.evaluate(ASK)
        window.pump(0.3)
    review._cells = read
    window.visit("agrees")
    faults = said.getvalue().count("RuntimeError: a fault of ours")
    return {"faults": faults, "after": window.run("agrees")["printed"]}


if __name__ == "__main__":
    play(scene, WatchedWindow)
