"""Decks that trick: they repeat requests, answer questions, hide code and data, name files, never end, leave things."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aqt.qt import QDialog

from tests.addon.addon_window import play
from tests.addon.cells_text import entries, entry, field
from tests.addon.watched_window import REPEAT, WatchedWindow

ANSWERS = """(() => {
  window.answers = 0;
  const texts = ["approve", "approve:unknown", "run", "run:unknown", "run:unknown:yes", "decide:true", "yes", "accept"];
  for (const text of texts) honest("proofdeck:" + text, () => answers++);
  const targets = [window, document, document.body, document.querySelector(".pd-go")];
  for (const target of targets) for (const type of ["keydown", "keypress", "keyup"])
    for (const key of ["Enter", " ", "y", "Tab"])
      target.dispatchEvent(new KeyboardEvent(type, {key, bubbles: true, altKey: key === "y"}));
  document.querySelector(".pd-go").click();
  proofdeck.press();
  return texts.length;
})()"""
"""Everything that a page could take for a yes."""

OTHER = {
    "inputs": ["sample.py"], "result": 1, "env": "hf", "ready": "http://127.0.0.1:1/", "role": "tests",
    "language": "bash", "needs": ["cuda"],
}  # fmt: skip
"""What makes known code other code, one by one."""

UNENDING = """
import signal, time
for each in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGXCPU):
    signal.signal(each, signal.SIG_IGN)
print("begun", flush=True)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
MARK = "31415.926"
LEAVING = f"""
import os, subprocess
subprocess.Popen(["sleep", "{MARK}"])
subprocess.Popen(["sleep", "{MARK}"], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "{MARK}"])
    os._exit(0)
print("begun", flush=True)
"""
"""Leaves a child, one in a session of its own, and one whose parent has gone."""


def scene(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """Every trick, what came of it, how many jobs ran and how many questions were asked meanwhile."""
    told: dict[str, Any] = {}
    for step in steps():
        window.jobs.clear()
        window.questions = 0
        told[step.__name__] = {**step(window, out), "jobs": len(window.jobs), "questions": window.questions}
    return {**told, "inside": window.inside}


def steps() -> Iterator[Any]:
    """In this order: the last ones approve."""
    yield from (replay, replay_at_once, answer, nag, settings, before, data, elsewhere, newer, files, endless, limit)
    yield from (leave,)


def replay(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """The request of a real click again and again, while its cell runs and after its end."""
    return _replay(window, "slow")


def replay_at_once(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """The same with a cell that has ended before most of them."""
    return _replay(window, "agrees")


def _replay(window: WatchedWindow, name: str) -> dict[str, Any]:
    with window.rewritten(name, Question=REPEAT):
        window.visit(name)
        window.until(name, lambda cell: cell["enabled"])
        window.wind()
        window.click(".pd-go")
        done = window.until(name, lambda cell: cell["state"] == "done")
        window.repeated()
        return {"heard": window.hush(), "printed": done["printed"]}


def answer(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """The page answers the question as soon as it can be, and once more after it was refused."""
    with window.rewritten("unknown", Question=REPEAT):
        window.visit("unknown")
        window.press("unknown")
        dialog = window.dialog()
        window.wait(window.child(dialog, "run").isEnabled, "Run to be armed")
        _say_yes(window)
        window.repeated()
        during = [window.questions, dialog.isVisible()]
        window.refuse()
        _say_yes(window)
        window.repeated()
        window.hush()
        return {"during": during, "after": len(window.dialogs()), **window.cell("unknown")}


def _say_yes(window: WatchedWindow) -> None:
    said = window.evaluate(ANSWERS)
    window.wait(lambda: window.evaluate("window.answers") == said, "answers to be heard")


def nag(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """The page asks again as soon as it was refused; a press after the pause is heard."""
    with window.rewritten("evil", Question=REPEAT):
        window.visit("evil")
        window.asked_about("evil")
        window.repeated()
        heard, asked = window.hush(), window.questions
        window.asked_about("evil")
        return {"heard": heard, "asked": asked, **window.cell("evil")}


def settings(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """The page presses the button that leads to the settings, where there is one and where there is none."""
    python, seen = window.configured()["python"], []

    def look(dialog: QDialog) -> None:
        window.repeated()
        seen.append(len(window.dialogs()))
        window.hush()
        dialog.reject()

    with window.rewritten("agrees", Question=REPEAT):
        window.visit("agrees")
        window.repeat("proofdeck:settings")
        window.repeated()
        needless = len(window.dialogs())
        window.configure(python="")
        window.when_open(look)
        window.wait(lambda: seen and not window.dialogs(), "the settings")
        window.configure(python=python)
    return {"needless": needless, "most": max(seen)}


def before(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """Unknown code before a known cell, which would run first."""
    hidden = entry("hidden", "print('hidden')")
    with window.rewritten("agrees", Cells=field(hidden, *entries(window.note("agrees")["Cells"]))):
        window.visit("agrees")
        return {"shown": window.asked_about("agrees"), **window.cell("agrees")}


def data(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """Known code, but something else for it to work on, or another place to run in."""
    (known,) = entries(window.note("agrees")["Cells"])
    asked, bare = {}, []
    window.visit("agrees")
    for key, value in OTHER.items():
        with window.rewritten("agrees", Cells=field({**known, key: value})):
            window.press("agrees")
            where = window.child(window.dialog(), "where").text()
            bare += [key] if "WITHOUT" in where or "沙箱之外" in where else []
            asked[key] = window.refuse()
    return {"shown": asked, "bare": bare, **window.cell("agrees")}


def elsewhere(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """Known code that reads what another cell is said to have measured on another machine."""
    (known,) = entries(window.note("agrees")["Cells"])
    (measured,) = entries(window.note("gpu")["Cells"])
    with window.rewritten("agrees", Cells=field({**measured, "result": "whatever"}, known)):
        window.visit("agrees")
        return {"shown": window.asked_about("agrees"), **window.cell("agrees")}


def newer(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """A field of a version that this add-on does not know."""
    with window.rewritten("agrees", Cells=field(*entries(window.note("agrees")["Cells"]), version=2)):
        window.visit("agrees")
        window.wind()
        window.evaluate("pycmd('proofdeck:run:agrees'); 1")
        return window.until("agrees", bool)


def files(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """A declared file that did not come with the add-on, though one of its name lies wherever else it could be."""
    source = "import stray\nprint(stray.x)\n"
    here = out / "here"
    here.mkdir()
    places = (here, Path(window.main.col.media.dir()), window.folder(), window.folder() / "user_files")
    for place in places:
        (place / "stray.py").write_text("x = 'strayed'\n", encoding="utf-8")
    with window.rewritten("agrees", Cells=field(entry("agrees", source, inputs=["stray.py"]))), _working_in(here):
        window.visit("agrees")
        window.approve("agrees")
        return window.until("agrees", lambda cell: cell["state"] == "done")


@contextlib.contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    # contextlib.chdir came after Python 3.9
    before = Path.cwd()
    os.chdir(folder)
    yield
    os.chdir(before)


def endless(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """An hour is all that a cell asks for, and no signal is to end it."""
    with window.rewritten("endless", Cells=field(entry("endless", UNENDING, timeout=3600.0))):
        window.visit("endless")
        window.approve("endless")
        window.until("endless", lambda cell: "begun" in cell["printed"])
        return {"seconds": _seconds(window), "stopped": window.run("endless")}


def limit(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """The same without a limit of its own: it has the learner's."""
    with window.rewritten("endless", Cells=field(entry("endless", UNENDING, timeout=0.0))):
        window.visit("endless")
        done = window.run("endless")
        return {"seconds": _seconds(window), **done}


def _seconds(window: WatchedWindow) -> float:
    (snippet,) = window.jobs[-1].snippets
    return float(snippet.timeout)


def leave(window: WatchedWindow, out: Path) -> dict[str, Any]:
    """Processes that are to outlive the cell, whether it ends or is stopped, in the sandbox and without one."""
    told: dict[str, Any] = {}
    for sandbox in ("auto", "off"):
        window.configure(sandbox=sandbox)
        told[f"ended {sandbox}"] = _leave(window, LEAVING, 0)
        told[f"stopped {sandbox}"] = _leave(window, LEAVING + "while True:\n    pass\n", 3)
    return told


def _leave(window: WatchedWindow, source: str, there: int) -> dict[str, Any]:
    """What the cell says in the end, and how many processes there are then; `there` are waited for while it runs."""
    with window.rewritten("endless", Cells=field(entry("endless", source))):
        window.visit("endless")
        window.approve("endless")
        if there:
            window.wait(lambda: len(_marked()) == there, "processes")
            window.press("endless")
        done = window.until("endless", lambda cell: cell["state"] == "done")
        with contextlib.suppress(TimeoutError):
            window.wait(lambda: not _marked(), "processes to end", 20)
        return {"left": len(_marked()), "printed": done["printed"], "note": done["note"]}


def _marked() -> list[str]:
    """Processes of LEAVING's, wherever they hang by now."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if MARK.encode() in line.read_bytes().split(b"\0"):
                found.append(line.parent.name)
    return found


if __name__ == "__main__":
    play(scene, WatchedWindow)
