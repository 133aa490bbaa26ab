"""The native question whether unknown code may run: code as plain text, Cancel by default, Run only after a second.

It decides nothing but this one answer, and shows exactly what would run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from aqt.qt import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFontDatabase,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    Qt,
    QTextCursor,
    QTimer,
    QVBoxLayout,
    QWidget,
)

ARMED_AFTER = 1000
"""Milliseconds until Run can be pressed: a reviewer's thumb lies on Space and Enter."""
ROWS = 2000
"""Of the code that are put on show in one turn of the window's loop: a field may hold two hundred thousand."""


@dataclass(frozen=True)
class Question:
    """What the dialog says, in the user's language, and the code that would run."""

    title: str
    reason: str
    where: str
    """Whether it would run in the sandbox."""
    size: str
    """A label with `%d` for the number of lines: code can be pushed out of sight."""
    code: str
    """With nothing hidden and no long line (`plain.visible`)."""
    run: str
    cancel: str
    never: str


@dataclass(frozen=True)
class Answer:
    """What the user decided."""

    run: bool
    never: bool
    """Whether not to be asked again for this deck."""


class Approval(QDialog):
    """One question; `answered` is called once, when the dialog has closed."""

    def __init__(self, parent: QWidget, question: Question, answered: Callable[[Answer], None]) -> None:
        super().__init__(parent)
        self.setWindowTitle(question.title)
        self._answered = answered
        self._never = QCheckBox(question.never, self)
        self._run = QPushButton(question.run, self)
        self._code = QPlainTextEdit(self)
        self._rest = question.code.split("\n")
        """Rows of the code that are still to be put on show; Run can be pressed only after the last of them."""
        self._turn, self._arm = QTimer(self), QTimer(self)
        self._build(question)
        self.finished.connect(self._finish)

    def _build(self, question: Question) -> None:
        where = self._label(question.where)
        where.setObjectName("where")
        font = where.font()
        font.setBold(True)
        where.setFont(font)
        self._code.setReadOnly(True)
        self._code.setUndoRedoEnabled(False)
        self._code.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._code.setMinimumSize(560, 280)
        self._code.setObjectName("code")
        size = self._label(question.size % len(self._rest))
        layout = QVBoxLayout(self)
        for part in (self._label(question.reason), where, self._code, size, self._never, self._buttons(question)):
            layout.addWidget(part)
        for timer, due in ((self._turn, self._show_more), (self._arm, lambda: self._run.setEnabled(True))):
            timer.setSingleShot(True)
            timer.timeout.connect(due)
        self._show_more()

    def _show_more(self) -> None:
        """Put the next rows below those on show; after the last ones Run is armed."""
        rows, self._rest = self._rest[:ROWS], self._rest[ROWS:]
        end = QTextCursor(self._code.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        end.insertText("\n".join([*rows, ""] if self._rest else rows))
        if self._rest:
            self._turn.start(0)
        else:
            self._arm.start(ARMED_AFTER)

    def _label(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    def _buttons(self, question: Question) -> QDialogButtonBox:
        self._run.setObjectName("run")
        self._run.setAutoDefault(False)
        self._run.setEnabled(False)
        buttons = QDialogButtonBox(self)
        buttons.addButton(self._run, QDialogButtonBox.ButtonRole.AcceptRole)
        cancel = buttons.addButton(question.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        assert cancel is not None
        cancel.setObjectName("cancel")
        cancel.setDefault(True)
        cancel.setFocus()
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    def _finish(self, result: int) -> None:
        run = result == QDialog.DialogCode.Accepted.value
        self._answered(Answer(run=run, never=self._never.isChecked() and not run))
        self.deleteLater()
