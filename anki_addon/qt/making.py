"""Make an environment for the cells, after a question that says where and how much; shows every line of what goes on.

Nothing is downloaded before the user has pressed the button that says so, and Cancel leaves nothing behind.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Callable, Mapping, Optional, Tuple

from aqt.main import AnkiQt
from aqt.qt import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ..environments import Progress, make
from ..pythons import Python
from .work import Work

OLDEST = (3, 10)
LINES = 2000
"""Of the log that are kept on show."""


def base_of(found: Tuple[Python, ...]) -> Optional[Python]:
    """The interpreter to make an environment with: the newest that is no older than OLDEST."""
    fit = [each for each in found if _version(each) >= OLDEST]
    return max(fit, key=_version, default=None)


def _version(python: Python) -> Tuple[int, ...]:
    return tuple(int(part) for part in python.version.split(".")[:3] if part.isdigit())


class Making(QDialog):
    """First the question, then the progress; `made` is called with the new interpreter's path."""

    def __init__(
        self, main: AnkiQt, parent: QWidget, base: Optional[Python], folder: Path, labels: Mapping[str, str]
    ) -> None:
        super().__init__(parent)
        self._main, self._base, self._folder, self._labels = main, base, folder, labels
        self.made: Callable[[str], None] = lambda path: None
        self._cancel = threading.Event()
        self._running = False
        self.setWindowTitle(labels["make title"])
        self.setMinimumWidth(560)
        asked = labels["make question"] % (folder, base.path) if base is not None else labels["make base"]
        self._text = QLabel(asked, self)
        self._text.setWordWrap(True)
        self._log = QPlainTextEdit(self)
        self._log.setReadOnly(True)
        self._log.setMaximumBlockCount(LINES)
        self._log.hide()
        self._progress = QProgressBar(self)
        self._progress.setRange(0, 0)
        self._progress.hide()
        self._go = QPushButton(labels["make go"], self)
        self._build()

    def _build(self) -> None:
        self._go.setObjectName("go")
        self._go.setAutoDefault(False)
        self._go.setEnabled(self._base is not None)
        self._go.clicked.connect(lambda _checked: self._begin())
        buttons = QDialogButtonBox(self)
        buttons.addButton(self._go, QDialogButtonBox.ButtonRole.ActionRole)
        cancel = buttons.addButton(self._labels["cancel"], QDialogButtonBox.ButtonRole.RejectRole)
        assert cancel is not None
        cancel.setDefault(True)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for part in (self._text, self._progress, self._log, buttons):
            layout.addWidget(part)
        self.finished.connect(lambda _: self._cancel.set())

    def _begin(self) -> None:
        base = self._base
        if base is None or self._running:
            return
        self._running = True
        self._go.setEnabled(False)
        self._progress.show()
        self._log.show()
        Work(self._main, lambda: make(base, self._folder, self._cancel)).start(self._show, self._done)

    def _show(self, progress: Progress) -> None:
        self._log.appendPlainText(progress.line)
        if progress.python and not self._cancel.is_set():
            self._log.appendPlainText(self._labels["made"] % progress.python)
            self.made(progress.python)
            self.accept()
        elif progress.failed:
            self._text.setText(progress.failed)

    def _done(self, error: Optional[BaseException]) -> None:
        self._running = False
        self._progress.hide()
        self._go.setEnabled(self._base is not None)
        if error is not None:
            self._text.setText(str(error))
