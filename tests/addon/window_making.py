"""An environment is made, in vain, not to the end, while the settings close, well; then found and deleted."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aqt.qt import QApplication, QDialog, QMessageBox

from tests.addon.addon_window import AddonWindow, play
from tests.addon.settings_dialog import open_settings, program, searched

BUILD = """#!/bin/sh
set -e
if [ "$1" = venv ]; then exec "%s" -m venv --without-pip "$5"; fi
folder=$("$4" -c "import sysconfig; print(sysconfig.get_paths()['purelib'])")
for name in torch numpy matplotlib; do touch "$folder/$name.py"; done
echo installing
"""
"""What stands for uv: makes an environment with three empty modules."""
HANG = """#!/bin/sh
mkdir -p "$5/lib"; touch "$5/pyvenv.cfg"
for n in $(seq 40); do mkdir -p "$5/lib/$n"; (cd "$5/lib/$n"; seq 500 | xargs touch); done
echo begun; sleep 300
"""


def scene(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Every step and what was to be seen."""
    os.environ["PATH"] = f"{out / 'bin'}:{os.environ['PATH']}"
    program(out / "slow" / "python3", f'#!/bin/sh\nsleep 3\nexec {window.configured()["python"]} "$@"\n')
    return {step.__name__: step(window, out) for step in steps()}


def steps() -> Iterator[Any]:
    """In this order: it is made before it is found and deleted."""
    yield from (failing, theirs, cancelled, closed, made, found, deleted)


def _making(window: AddonWindow, dialog: QDialog) -> QDialog:
    searched(window, dialog)
    window.child(dialog, "make").click()
    (making,) = [each for each in window.dialogs() if each is not dialog]
    return making


def failing(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The question with its commands, and what is said when one of them fails."""
    program(out / "bin" / "uv", "#!/bin/sh\necho no such thing\nexit 3\n")

    def look(dialog: QDialog) -> dict[str, Any]:
        making = _making(window, dialog)
        text, log = window.child(making, "text"), window.child(making, "log")
        told = {"question": text.text(), "commands": log.toPlainText()}
        making.grab().save(str(out / "making.png"))
        window.child(making, "copy").click()
        clipboard = QApplication.clipboard()
        elsewhere = told["commands"].replace(str(_folder(window)), f"{_folder(window)}-by-hand")
        told["copied"] = clipboard is not None and clipboard.text() == elsewhere != told["commands"]
        window.child(making, "go").click()
        window.wait(lambda: text.text() != told["question"], "the failure")
        told |= {"failure": text.text(), "log": log.toPlainText(), "can": window.child(making, "go").isEnabled()}
        making.grab().save(str(out / "making-failed.png"))
        making.reject()
        return told

    return open_settings(window, look)


def theirs(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The user has made an environment there himself; what an attempt has left is another thing, and is told of."""
    program(out / "bin" / "uv", BUILD % sys.executable)
    folder = _folder(window)
    folder.mkdir(parents=True)
    (folder / "pyvenv.cfg").touch()
    attempt = folder.with_name(folder.name + ".begun")

    def look(dialog: QDialog) -> dict[str, Any]:
        making = _making(window, dialog)
        text = window.child(making, "text")
        asked = text.text()
        window.child(making, "go").click()
        window.wait(lambda: text.text() != asked, "the refusal")
        told = {"said": text.text(), "there": (folder / "pyvenv.cfg").exists()}
        making.reject()
        attempt.touch()
        again = _making(window, dialog)
        told["more"] = window.child(again, "text").text().removeprefix(asked)
        again.reject()
        return told

    told = open_settings(window, look)
    shutil.rmtree(folder)
    attempt.unlink()
    return told


def _begun(window: AddonWindow, making: QDialog) -> None:
    window.child(making, "go").click()
    window.wait(lambda: "begun" in window.child(making, "log").toPlainText(), "a beginning")


def cancelled(window: AddonWindow, out: Path) -> dict[str, Any]:
    """Cancel: the dialog stays until what was made is gone."""
    program(out / "bin" / "uv", HANG)

    def look(dialog: QDialog) -> dict[str, Any]:
        making = _making(window, dialog)
        _begun(window, making)
        stage = window.child(making, "stage")
        before = stage.format()
        window.wait(lambda: stage.format() != before, "the seconds to be counted")
        making.grab().save(str(out / "making-progress.png"))
        told = {"stage": stage.format(), "there": _folder(window).exists()}
        making.reject()
        window.wait(lambda: not making.isVisible(), "the dialog to close")
        return {**told, "left": _folder(window).exists()}

    return open_settings(window, look)


def closed(window: AddonWindow, out: Path) -> dict[str, Any]:
    """The settings close while an environment is made, an interpreter asked and others are looked for."""

    def look(dialog: QDialog) -> None:
        making = _making(window, dialog)
        _begun(window, making)
        dialog._interpreters.take(str(out / "slow" / "python3"))
        window.child(dialog, "search").click()
        dialog.reject()

    told = open_settings(window, look)
    window.wait(lambda: not _folder(window).exists(), "what was made to be removed")
    window.pump(4)
    return {**told, "left": len(window.children())}


def made(window: AddonWindow, out: Path) -> dict[str, Any]:
    """One is made, and chosen; Cancel in the settings keeps it from being stored."""
    program(out / "bin" / "uv", BUILD % sys.executable)

    def look(dialog: QDialog) -> dict[str, Any]:
        making = _making(window, dialog)
        window.child(making, "go").click()
        window.wait(lambda: not making.isVisible(), "an environment")
        python = str(_folder(window) / "bin" / "python")
        window.wait(lambda: dialog.result_settings.python == python, "it to be chosen")
        dialog.reject()
        return {"package": str(window.folder()) in python}

    return open_settings(window, look)


def found(window: AddonWindow, out: Path) -> dict[str, Any]:
    """It is found the next time; a second one is not made."""

    def look(dialog: QDialog) -> dict[str, Any]:
        rows = searched(window, dialog)
        making = _making(window, dialog)
        asked = window.child(making, "text").text()
        window.child(making, "go").click()
        window.wait(lambda: window.child(making, "text").text() != asked, "an answer")
        said = window.child(making, "text").text()
        making.reject()
        return {"rows": [row for row in rows if row[6].startswith(str(_folder(window)))], "said": said}

    return open_settings(window, look)


def deleted(window: AddonWindow, out: Path) -> dict[str, Any]:
    """It is deleted after a question."""

    def answer(dialog: QDialog) -> None:
        (box,) = [each for each in window.dialogs() if isinstance(each, QMessageBox)]
        box.buttons()[-1 if box.buttons()[0] is box.defaultButton() else 0].click()

    def look(dialog: QDialog) -> dict[str, Any]:
        searched(window, dialog)
        button = window.child(dialog, "delete")
        offered = button.isVisible()
        window.when_open(answer, also=dialog)
        button.click()
        window.wait(lambda: not _folder(window).exists(), "it to be deleted")
        window.wait(lambda: not button.isVisible(), "the button to go")
        return {"offered": offered}

    return open_settings(window, look)


def _folder(window: AddonWindow) -> Path:
    return Path(sys.modules[f"{window.package}.places"].own())


if __name__ == "__main__":
    play(scene)
