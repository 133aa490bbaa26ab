"""A deck that wants to run code without being asked, from every page that Anki has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aqt
from aqt.addcards import AddCards
from aqt.browser.previewer import BrowserPreviewer
from aqt.qt import Qt
from PyQt6.QtTest import QTest

from tests.addon.addon_window import AddonWindow, play
from tests.addon.cells_text import HOSTILE, entries, entry, field

EVIL = """无害的问题？<script>
(() => {
  window.replies = [];
  const say = (text) => pycmd(text, (reply) => window.replies.push(reply));
  window.proofdeck && proofdeck.show({evil: {state: "idle", action: "run", button: "▶", title: "", note: [], names: {},
    printed: [], figures: {title: "", alts: [], fold: true}, diff: []}});
  for (let n = 0; n < 1000; n++) pycmd("proofdeck:run:evil");
  for (const text of ["nowhere", "print(1)", "evil:print(1)", "../../evil", "EVIL", "evil ", "evil\\n", "",
    "x".repeat(1 << 20), "\\ud800", "[".repeat(100000), '{"cell":"evil"}', "evil\\u0000"]) say("proofdeck:run:" + text);
  for (const text of ["proofdeck:proofdeck:run:evil", "proofdeck:approve:evil", "proofdeck:run", "proofdeck:",
    "proofdeck:state:evil", "proofdeck:settings:evil", "proofdeck:stop:evil"]) say(text);
  window.said = 20;
})();
</script>"""
"""What such a deck does as soon as its card is shown."""

SAY = "(() => {pycmd('proofdeck:run:agrees'); pycmd('proofdeck:run:evil'); return 1})()"


def scene(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Every attack and what came of it."""
    return {step.__name__: step(window, out) for step in steps()}


def steps() -> Iterator[Any]:
    """In this order: the last ones approve."""
    yield from (spam, fields, iframe, editor, previewer, edited, hidden, unknown, never)


def spam(window: AddonWindow, out: Path) -> dict[str, Any]:
    """A thousand requests when the card is shown, and twenty that are malformed."""
    note = window.note("evil")
    note["Question"] = EVIL
    window.main.col.update_note(note)
    window.gaps.take()
    with window.own:
        window.visit("evil", "question")
        window.wait(lambda: window.evaluate("window.replies && window.replies.length >= window.said"), "replies")
        dialog = window.dialog()
        window.pump(0.5)
    count, gaps = len(window.dialogs()), {**window.gaps.take(), **window.own.told()}
    dialog.reject()
    window.wait(lambda: not window.dialogs(), "the dialog to close")
    window.pump(0.5)
    note["Question"] = "evil？"
    window.main.col.update_note(note)
    replies = window.evaluate("window.replies.filter(Boolean).length")
    return {"dialogs": count, "later": len(window.dialogs()), "replies": replies, **gaps, **_state(window, "evil")}


def fields(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Every broken or poisoned field, asked for by the script of its card; then an honest one, which is a question."""
    window.visit("agrees")
    note, before = window.note("agrees"), len(window.children())
    honest, seen = note["Cells"], []
    for text in HOSTILE.values():
        _ask_for(window, note, text)
        seen.append((len(window.dialogs()), len(window.children()) - before))
    _ask_for(window, note, field(entry("a", "print(1)")))
    dialog = window.dialog()
    code = window.child(dialog, "code").toPlainText()
    dialog.reject()
    window.wait(lambda: not window.dialogs(), "the dialog to close")
    note["Cells"] = honest
    window.main.col.update_note(note)
    return {"tried": len(seen), "seen": sorted(set(seen)), "asked": code, **_state(window, "agrees")}


def _ask_for(window: AddonWindow, note: Any, text: str) -> None:
    note["Cells"] = text
    window.main.col.update_note(note)
    window.pump(0.15)  # a request within a tenth of a second of the last would not even be read
    window.evaluate("(() => {pycmd('proofdeck:run:a'); return 1})()")
    window.pump(0.15)


def iframe(window: AddonWindow, out: Path) -> dict[str, Any]:
    """A frame inside the card, with and without the parent's help."""
    window.visit("evil")
    frame = (
        "<script>try { pycmd('proofdeck:run:evil') } catch (e) { parent.pycmd('proofdeck:run:evil:frame') }</script>"
    )
    window.evaluate(
        "(() => {const f = document.createElement('iframe'); f.onload = () => window.framed = 1;"
        f" f.srcdoc = {frame!r}; document.getElementById('qa').append(f)}})()"
    )
    window.wait(lambda: window.evaluate("window.framed"), "the frame")
    window.pump(0.3)
    return {"dialogs": len(window.dialogs()), **_state(window, "evil")}


def editor(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The editor shows fields of a foreign deck."""
    window.visit("agrees")
    added = aqt.dialogs.open("AddCards", window.main)
    assert isinstance(added, AddCards)
    web = added.editor.web
    assert web is not None
    window.wait(lambda: window.ask(web, "document.readyState === 'complete' && !!window.pycmd"), "the editor")
    window.ask(web, SAY)
    window.pump(0.3)
    cell = window.cell("agrees")
    added.close()
    window.wait(lambda: aqt.dialogs._dialogs["AddCards"][1] is None, "the editor to close")
    return {"dialogs": len(window.dialogs()), "cell": cell["state"]}


def previewer(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The browser's preview runs a card's scripts, too."""
    window.visit("agrees")
    browser = aqt.dialogs.open("Browser", window.main)
    browser.search_for("Id:agrees")
    window.wait(lambda: browser.card is not None, "the browser's card")
    browser.onTogglePreview()
    shown = browser._previewer
    assert isinstance(shown, BrowserPreviewer)
    window.wait(lambda: shown._web is not None and window.ask(shown._web, "!!document.querySelector('#qa .pd')"), "it")
    controls = window.ask(shown._web, "document.querySelectorAll('.pd-run').length")
    window.ask(shown._web, SAY)
    window.pump(0.3)
    cell = window.cell("agrees")
    browser.close()
    window.wait(lambda: aqt.dialogs._dialogs["Browser"][1] is None, "the browser to close")
    return {"dialogs": len(window.dialogs()), "cell": cell["state"], "controls": controls}


def edited(window: AddonWindow, out: Path) -> dict[str, Any]:
    """One character of known code has been changed."""
    note = window.note("agrees")
    known = note["Cells"]
    cell = entries(known)[0]
    note["Cells"] = field({**cell, "source": cell["source"] + " "})
    window.main.col.update_note(note)
    window.visit("agrees")
    window.press("agrees")
    dialog = window.dialog()
    shown = window.child(dialog, "code").toPlainText()
    dialog.reject()
    window.wait(lambda: not window.dialogs(), "the dialog to close")
    note["Cells"] = known
    window.main.col.update_note(note)
    return {"shown": shown, **_state(window, "agrees")}


def hidden(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Code that looks like other code: turned directions, a name made of blanks."""
    window.visit("hidden")
    window.press("hidden")
    dialog = window.dialog()
    code = window.child(dialog, "code").toPlainText()
    dialog.grab().save(str(out / "hidden.png"))
    dialog.reject()
    window.wait(lambda: not window.dialogs(), "the dialog to close")
    return {"code": code, **_state(window, "hidden")}


def unknown(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Approved by hand: Cancel is the default, Run cannot be pressed at once, then this code runs, now and later."""
    window.visit("unknown")
    refused = [
        _refuse_by(window, key, armed) for armed in (False, True) for key in (Qt.Key.Key_Return, Qt.Key.Key_Space)
    ]
    window.press("unknown")
    dialog = window.dialog()
    run, cancel = window.child(dialog, "run"), window.child(dialog, "cancel")
    facts = {"default": cancel.isDefault(), "focus": cancel.hasFocus(), "refused": refused,
             "code": window.child(dialog, "code").toPlainText()}  # fmt: skip
    window.wait(run.isEnabled, "Run to be armed")
    dialog.grab().save(str(out / "approval.png"))
    run.click()
    done = window.until("unknown", lambda cell: cell["state"] == "done")
    again = window.run("unknown")
    return {**facts, **done, "again": again["printed"], "asked again": len(window.dialogs())}


def _refuse_by(window: AddonWindow, key: Qt.Key, armed: bool) -> list[Any]:
    """Press a key in the question as a reviewer does, before or after Run can be pressed: could it, and what became."""
    window.press("unknown")
    dialog = window.dialog()
    run, cancel = window.child(dialog, "run"), window.child(dialog, "cancel")
    window.wait(cancel.hasFocus, "the focus")
    if armed:
        window.wait(run.isEnabled, "Run to be armed")
    could = run.isEnabled()
    QTest.keyClick(dialog.focusWidget(), key)
    window.wait(lambda: not window.dialogs(), "Cancel")
    return [could, window.cell("unknown")["state"]]


def never(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Not again for this deck."""
    window.visit("evil")
    window.press("evil")
    dialog = window.dialog()
    window.main.app.processEvents()
    box = next(iter(dialog.findChildren(aqt.qt.QCheckBox)))
    box.setChecked(True)
    dialog.reject()
    window.wait(lambda: not window.dialogs(), "the dialog to close")
    window.pump(1.2)  # the pause after a question passes
    window.evaluate("(() => {for (let n = 0; n < 100; n++) pycmd('proofdeck:run:evil'); return 1})()")
    window.pump(0.5)
    return {"dialogs": len(window.dialogs()), **window.cell("evil")}


def _state(window: AddonWindow, name: str) -> dict[str, Any]:
    """Open the card and see that nothing has run."""
    window.visit(name)
    cell = window.until(name, bool)
    return {"state": cell["state"], "printed": cell["printed"]}


if __name__ == "__main__":
    play(scene)
