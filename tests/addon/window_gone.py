"""What a request or an answer belongs to is gone: the note, the card on show, the moment, the profile."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aqt import gui_hooks

from tests.addon.addon_window import play
from tests.addon.cells_text import entry, field
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
    """In any order, but for the last."""
    yield from (deleted_note, broken_handler, next_card, sync, rewritten, closing)


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


def next_card(window: WatchedWindow) -> dict[str, Any]:
    """The next card comes while the question of the last one is open."""
    window.visit("unknown")
    window.press("unknown")
    asked = len(window.dialogs())
    window.visit("slow")
    window.pump(1.5)  # in which Run would have been armed
    return {"asked": asked, "open": len(window.dialogs()), "approved": window.desk.trust.approved}


def sync(window: WatchedWindow) -> dict[str, Any]:
    """A sync begins while a question is open; it is asked again when it is over."""
    window.visit("unknown")
    window.press("unknown")
    asked = len(window.dialogs())
    gui_hooks.sync_will_start()
    window.pump(0.3)
    during = len(window.dialogs())
    gui_hooks.sync_did_finish()
    window.visit("slow")
    window.visit("unknown")
    return {"asked": asked, "open": during, "again": window.asked_about("unknown")}


def rewritten(window: WatchedWindow) -> dict[str, Any]:
    """What was asked about is not what the note holds when Run is pressed."""
    window.visit("unknown")
    window.press("unknown")
    run = window.child(window.dialog(), "run")
    window.wait(run.isEnabled, "Run to be armed")
    with window.rewritten("unknown", Cells=field(entry("unknown", "print('other')"))):
        run.click()
        window.wait(lambda: not window.dialogs(), "the dialog to close")
        window.pump(0.5)
    return {"approved": window.desk.trust.approved, "running": window.desk.running}


def closing(window: WatchedWindow) -> dict[str, Any]:
    """Requests while the profile closes, of which the add-on has heard, and when it has closed."""
    window.visit("agrees")
    window.wind()
    card, reviewer, told = window.main.reviewer.card, window.main.reviewer, []

    def ask() -> None:
        # as if the page and the reviewer were still there
        reviewer.card, window.main.state = card, "review"
        for request in ("run:agrees", "state", "stop", "settings"):
            told.append(gui_hooks.webview_did_receive_js_message((False, None), "proofdeck:" + request, reviewer))

    gui_hooks.profile_will_close.append(ask)
    closed: list[bool] = []
    window.main.unloadProfile(lambda: closed.append(True))
    window.wait(lambda: closed, "the profile to close")
    gui_hooks.profile_will_close.remove(ask)
    ask()
    window.pump(0.5)
    return {"told": sorted(set(told)), "count": len(told), "dialogs": len(window.dialogs())}


if __name__ == "__main__":
    play(scene, WatchedWindow)
