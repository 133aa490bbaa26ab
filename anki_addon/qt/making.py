"""Make an environment for the cells, after a question that says where, how much and by which commands; shows every line
of what goes on.

Nothing is downloaded before the user has pressed the button that says so, and Cancel leaves nothing behind.
"""

from __future__ import annotations

import threading
import time
from typing import Callable, Optional

from aqt.main import AnkiQt
from aqt.qt import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFontDatabase,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    Qt,
    QTimer,
    QVBoxLayout,
    QWidget,
)

from ..environments import STAGES, Progress, Wish, by_hand, commands, is_unfinished, make, spoken
from ..strings import Words
from .labels import labels
from .work import Works

LINES = 2000
"""Of the log that are kept on show."""


class Making(QDialog):
    """First the question, then the progress; `made` is called with the new interpreter's path."""

    def __init__(self, main: AnkiQt, parent: QWidget, wish: Wish, language: str) -> None:
        super().__init__(parent)
        self._wish, self._labels, self._words = wish, labels(language), Words(language)
        self.made: Callable[[str], None] = lambda path: None
        self._cancel = threading.Event()
        self._works = Works(main)
        self._running = False
        self._stage, self._began = 0, 0.0
        self._text = QLabel(self)
        self._log = QPlainTextEdit(self)
        self._progress = QProgressBar(self)
        self._copy = QPushButton(self._labels["copy"], self)
        self._go = QPushButton(self._labels["make go"], self)
        self._clock = QTimer(self)
        self._build()
        self._ask()
        self.finished.connect(lambda _: self.leave())

    def _build(self) -> None:
        self.setWindowTitle(self._labels["make title"])
        self.setMinimumWidth(620)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setObjectName("text")
        self._log.setReadOnly(True)
        self._log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._log.setMaximumBlockCount(LINES)
        self._log.setObjectName("log")
        self._progress.setRange(0, STAGES)
        self._progress.setObjectName("stage")
        self._progress.hide()
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tell)
        layout = QVBoxLayout(self)
        for part in (self._text, self._log, self._progress, self._buttons()):
            layout.addWidget(part)

    def _buttons(self) -> QDialogButtonBox:
        self._go.setObjectName("go")
        self._copy.setObjectName("copy")
        buttons = QDialogButtonBox(self)
        for button, pressed in ((self._copy, self._take_along), (self._go, self._begin)):
            button.setAutoDefault(False)
            button.setEnabled(self._wish.can)
            button.clicked.connect(lambda _checked, pressed=pressed: pressed())
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        cancel = buttons.addButton(self._labels["cancel"], QDialogButtonBox.ButtonRole.RejectRole)
        assert cancel is not None
        cancel.setDefault(True)
        buttons.rejected.connect(self.reject)
        return buttons

    def _ask(self) -> None:
        folder = self._wish.folder
        base = self._wish.base.path if self._wish.base is not None else self._labels["make fetched"]
        asked = self._labels["make question"] % (folder, base, by_hand(self._wish).folder)
        if is_unfinished(folder):
            asked += "\n" + self._labels["make leftover"]
        self._text.setText(asked if self._wish.can else self._labels["make base"])
        self._log.setVisible(self._wish.can)
        self._log.setPlainText(_spoken(self._wish) if self._wish.can else "")

    def _take_along(self) -> None:
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(_spoken(by_hand(self._wish)))

    def _begin(self) -> None:
        if self._running:
            return
        self._running, self._stage = True, 0
        self._go.setEnabled(False)
        self._log.clear()
        self._progress.show()
        self._clock.start()
        self._works.start(lambda: make(self._wish, self._cancel, self._words), self._show, self._done)

    def _show(self, progress: Progress) -> None:
        if progress.stage != self._stage:
            self._stage, self._began = progress.stage, time.monotonic()
        self._tell()
        if progress.line:
            self._log.appendPlainText(progress.line)
        if progress.python:
            self.made(progress.python)
            self.accept()
        elif progress.failed:
            self._text.setText(progress.failed)

    def _tell(self) -> None:
        """Which stage it is and for how many seconds: pip is silent while it downloads."""
        if self._stage:
            stage = self._labels["stage %d" % self._stage]
            seconds = time.monotonic() - self._began
            self._progress.setValue(self._stage - 1)
            self._progress.setFormat(self._labels["stage"] % (self._stage, STAGES, stage, seconds))

    def _done(self, error: Optional[BaseException]) -> None:
        self._running = False
        self._clock.stop()
        self._progress.hide()
        if self._cancel.is_set():
            super().reject()
            return
        self._go.setEnabled(self._wish.can)
        if error is not None:
            self._text.setText(str(error))

    def reject(self) -> None:
        """Cancel; what was made is removed before the dialog closes, so that nobody makes it again meanwhile."""
        if not self._running:
            super().reject()
            return
        self._cancel.set()
        self._text.setText(self._labels["deleting"])

    def leave(self) -> None:
        """Let go: nothing is shown any more, and what was made so far is removed in the background."""
        self._clock.stop()
        self._cancel.set()
        self._works.cancel()


def _spoken(wish: Wish) -> str:
    return "\n".join(spoken(command) for command in commands(wish))
