"""Requests at a moment when nothing may start: in another list, during a sync, while Anki works, on the next card."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aqt import gui_hooks

from tests.addon.addon_window import play
from tests.addon.cells_text import entry, field, squeezed
from tests.addon.sync_server import PASSWORD, USER, sync_server
from tests.addon.watched_window import WatchedWindow

ASK = "(() => {pycmd('proofdeck:run:agrees'); pycmd('proofdeck:run:evil'); return 1})()"
INSIST = "(() => {window.insisting = setInterval(() => pycmd('proofdeck:run:agrees'), 150); return 1})()"
PESTER = """(() => {
  window.said = window.heard = window.answered = 0;
  const reply = (told) => { heard++; if (told) answered++; };
  for (let n = 0; n < 1000; n++) for (const word of ["state", "stop"]) { said++; pycmd(`proofdeck:${word}`, reply); }
  return 1;
})()"""
LARGEST = {
    "lines": ["x = 1; " * 11_400] * 3,
    "hidden": ["\x7f" * 80_000] * 3,
    "letters": ["".join(map(chr, range(first, first + 0x4000))) for first in (0x900, 0x4900, 0x9000)],
    "nothing": ["\n" * 40_000] * 3,
}
"""Sources that are nearly all that a field may hold: long lines, what is written out, letters, lines."""
HUSH = "(() => {clearInterval(window.insisting); return 1})()"


def scene(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """Every moment, how many jobs ran in it, and what else was to be seen."""
    told: dict[str, Any] = {}
    for step in steps():
        window.jobs.clear()
        window.questions = 0
        seen = step(window, out)
        told[step.__name__] = {"jobs": len(window.jobs), "questions": window.questions, **seen}
    return told


def steps() -> Iterator[Any]:
    """In any order."""
    yield from (deck_list, overview, pester, largest, told_of_a_sync, broken_off, operation, next_card, sync)


def deck_list(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """The list of decks, whose names come with a deck; a card is still there, as if Anki had left it."""
    with _away(window, "deckBrowser", "tr.deck"):
        window.evaluate(ASK)
        window.pump(0.5)
    return {"dialogs": len(window.dialogs())}


def overview(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """A deck's own page, whose description comes with it."""
    with _away(window, "overview", "#study"):
        window.evaluate(ASK)
        window.pump(0.5)
    return {"dialogs": len(window.dialogs())}


@contextlib.contextmanager
def _away(window: WatchedWindow, state: str, sign: str) -> Iterator[None]:
    window.visit("agrees")
    card = window.main.reviewer.card
    window.main.moveToState(state)
    window.wait(lambda: window.evaluate(f"!!document.querySelector('{sign}')"), state)
    window.main.reviewer.card = card
    window.wind()
    yield
    window.main.reviewer.card = None
    window.main.moveToState("deckBrowser")


def pester(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """A thousand requests for what is known of the largest field that is read, and as many to stop."""
    source = "x = [" + ",".join(map(str, range(600))) + "]"
    large = field(*(entry(f"c{n}", source, result=[{}] * 300) for n in range(64)))
    with window.rewritten("agrees", Cells=large):
        window.visit("agrees")
        window.pump(0.3)
        window.gaps.take()
        began = time.monotonic()
        with window.own:
            window.evaluate(PESTER)
            window.wait(lambda: window.evaluate("window.heard === window.said"), "replies")
        told = {**window.gaps.take(), **window.own.told(), "seconds": time.monotonic() - began}
        return {**told, "said": window.evaluate("said"), "answered": window.evaluate("answered")}


def largest(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """A question about as much code as a card may have: all of it is on show before Run can be pressed."""
    told = {}
    for name, sources in LARGEST.items():
        cells = [entry(each, source) for each, source in zip(("first", "second", "agrees"), sources)]  # noqa: B905
        document = {"version": 1, "card": "a-card", "cells": cells, "mutants": []}
        with window.rewritten("agrees", Cells=squeezed(json.dumps(document, ensure_ascii=False).encode())):
            window.visit("agrees")
            window.wind()
            window.pump(0.3)
            window.gaps.take()
            # in turns of the window's loop: a profile would count its own work for every character that is looked at
            window.evaluate("(() => {pycmd('proofdeck:run:agrees'); return 1})()")
            dialog = window.dialog()
            run, code = window.child(dialog, "run"), window.child(dialog, "code")
            early = run.isEnabled()
            window.wait(run.isEnabled, "Run to be armed")
            told[name] = {**window.gaps.take(), "early": early}
            told[name]["whole"] = code.toPlainText() == window.desk._asked.code
            told[name]["size"], told[name]["rows"] = len(code.toPlainText()), code.blockCount()
            dialog.reject()
            window.wait(lambda: not window.dialogs(), "the dialog to close")
    return {"asked": told}


def told_of_a_sync(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """From the hook that tells of a sync to the one that tells of its end nothing starts, and what runs is ended."""
    window.visit("endless")
    window.press("endless")
    window.until("endless", lambda cell: "begun" in cell["printed"])
    busy, before = len(window.children()), len(window.jobs)
    gui_hooks.sync_will_start()
    window.wait(lambda: len(window.children()) < busy, "the run to end")
    window.wind()
    window.evaluate("(() => {pycmd('proofdeck:run:endless'); return 1})()")
    window.pump(1.0)
    during = len(window.jobs) - before
    gui_hooks.sync_did_finish()
    window.visit("agrees")
    return {"during": during, "after": window.run("agrees")["printed"]}


def broken_off(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """A sync of whose end nobody told, since the profile was closed."""
    gui_hooks.sync_will_start()
    window.reopen()
    window.visit("agrees")
    return {"after": window.run("agrees")["printed"]}


def operation(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """While Anki itself works on the collection, it would have to wait for a look into it."""
    window.visit("agrees")
    window.until("agrees", lambda cell: cell["enabled"])
    done: list[bool] = []
    window.main.taskman.with_progress(lambda: time.sleep(2), lambda _: done.append(True))
    window.wind()
    window.evaluate(ASK)
    window.pump(1.0)
    during, still = len(window.jobs), not done
    window.wait(lambda: done, "the end of the work")
    return {"during": during, "still": still, "after": window.run("agrees")["printed"]}


def next_card(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """Who goes on to another card, be it one of ours or not, leaves nothing running behind."""
    collection = window.main.col
    foreign = collection.new_note(collection.models.by_name("Basic") or collection.models.all()[0])
    foreign.fields[0] = "foreign"
    collection.add_note(foreign, window.main.reviewer.card.did)
    told = []
    for query in ("Id:agrees", f"nid:{foreign.id}"):
        window.visit("endless")
        window.press("endless")
        window.until("endless", lambda cell: "begun" in cell["printed"])
        busy = len(window.children())
        collection.sched.unsuspend_cards(collection.find_cards(query))
        collection.sched.suspend_cards(collection.find_cards("-" + query))
        window.main.reviewer.nextCard()
        with contextlib.suppress(TimeoutError):
            window.wait(lambda busy=busy: len(window.children()) < busy, "the run to end", 15)
        told.append(busy - len(window.children()))
    shown = window.main.reviewer.card.nid == foreign.id
    collection.remove_notes([foreign.id])
    window.main.reset()
    return {"fewer": told, "foreign": shown}


def sync(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """A real sync with a real server, which takes its time; a card's script asks all the while."""
    main, ended = window.main, []
    with sync_server(out / "server", delay=2.0) as url:
        main.pm.set_custom_sync_url(url)
        main.pm.profile["syncMedia"] = False
        auth = main.col.sync_login(USER, PASSWORD, url)
        main.pm.set_sync_key(auth.hkey)
        main.col.close_for_full_sync()
        main.col.full_upload_or_download(auth=auth, server_usn=None, upload=True)
        main.reopen(after_full_sync=True)
        window.visit("agrees")
        window.until("agrees", lambda cell: cell["enabled"])
        window.visit("endless")
        window.press("endless")
        window.until("endless", lambda cell: "begun" in cell["printed"])
        before = len(window.jobs)
        gui_hooks.sync_did_finish.append(lambda: ended.append(time.monotonic()))
        unsent, began = _unsent(window), time.monotonic()
        main.on_sync_button_clicked()
        window.wind()
        window.evaluate(INSIST.replace("agrees", "endless"))
        window.wait(lambda: ended or len(window.jobs) > before, "the end of the sync")
        told = {"seconds": time.monotonic() - began, "during": len(window.jobs) - before, "ended": bool(ended)}
        told["unsent"] = [unsent, _unsent(window)]
        window.evaluate(HUSH)
        told["stopped"] = not window.desk.running
    window.visit("agrees")
    return {**told, "after": window.run("agrees")["printed"]}


def _unsent(window: WatchedWindow) -> int:
    """Cards whose changes the server does not know."""
    return int(window.main.col.db.scalar("select count() from cards where usn = -1"))


if __name__ == "__main__":
    play(scene, WatchedWindow)
