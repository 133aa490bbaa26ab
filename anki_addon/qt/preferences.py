"""The settings: which Python runs the cells, for how long, in which sandbox. Stores them, and nothing else happens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Optional, Tuple

from aqt.main import AnkiQt
from aqt.qt import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    Qt,
    QVBoxLayout,
)

from .. import settings as known
from ..desk import Desk
from ..protection import promise
from ..settings import Settings
from ..strings import Words
from .interpreters import Interpreters
from .labels import labels

JSON = 2
"""What the dialog ends with when Anki's own editor of the configuration is wanted."""


class Preferences(QDialog):
    """Edits a copy of `settings`; `result_settings` holds it when the dialog was accepted."""

    def __init__(self, main: AnkiQt, data: Path, settings: Settings, language: str) -> None:
        super().__init__(main)
        self._labels, self._words = labels(language), Words(language)
        self._settings = settings
        self._desk: Optional[Desk] = None
        self._interpreters = Interpreters(main, data, settings.python, language)
        self._limit = QSpinBox(self)
        self._sandbox = self._choice("sandbox", known.SANDBOXES, settings.sandbox)
        self._language = self._choice("language", known.LANGUAGES, settings.language)
        self._promise = QLabel(self)
        self._warm = QCheckBox(self._labels["warm"], self)
        self._trust = QLabel(self)
        self._forget = QPushButton(self._labels["forget"], self)
        self._json = QPushButton(self._labels["json"], self)
        self._build()
        self.finished.connect(lambda _: self._interpreters.leave())

    @property
    def result_settings(self) -> Settings:
        """What is chosen now."""
        return replace(
            self._settings,
            python=self._interpreters.python,
            time_limit=self._limit.value(),
            sandbox=str(self._sandbox.currentData()),
            warm=self._warm.isChecked(),
            language=str(self._language.currentData()),
        )

    def _choice(self, name: str, values: Tuple[str, ...], chosen: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        for value in values:
            box.addItem(self._labels["%s %s" % (name, value)], value)
        box.setCurrentIndex(values.index(chosen))
        return box

    def _build(self) -> None:
        self.setWindowTitle(self._labels["title"])
        self.setMinimumWidth(760)
        self._limit.setObjectName("limit")
        self._limit.setRange(known.SHORTEST, known.LONGEST)
        self._limit.setValue(self._settings.time_limit)
        self._limit.setSuffix(self._labels["unit"])
        self._warm.setChecked(self._settings.warm)
        self._promise.setTextFormat(Qt.TextFormat.PlainText)
        self._promise.setWordWrap(True)
        self._promise.setObjectName("promise")
        self._sandbox.currentIndexChanged.connect(lambda _: self._tell())
        self._tell()
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(self._labels["python"], self))
        layout.addWidget(self._interpreters)
        layout.addLayout(self._form())
        layout.addLayout(self._end())

    def _form(self) -> QFormLayout:
        self._trust.hide()
        self._forget.hide()
        self._forget.setAutoDefault(False)
        self._forget.setObjectName("forget")
        trust = QHBoxLayout()
        trust.addWidget(self._trust)
        trust.addWidget(self._forget)
        trust.addStretch()
        form = QFormLayout()
        form.addRow(self._labels["limit"], self._limit)
        form.addRow(self._labels["sandbox"], self._sandbox)
        form.addRow("", self._promise)
        form.addRow(self._labels["language"], self._language)
        form.addRow("", self._warm)
        form.addRow("", trust)
        return form

    def _end(self) -> QHBoxLayout:
        self._json.setAutoDefault(False)
        self._json.setObjectName("json")
        self._json.clicked.connect(lambda _checked: self.done(JSON))
        buttons = QDialogButtonBox(self)
        buttons.addButton(self._labels["ok"], QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self._labels["cancel"], QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self._json)
        row.addWidget(buttons)
        return row

    def _tell(self) -> None:
        """What the chosen kind of sandbox means here."""
        chosen = self.result_settings
        fault = self._desk.sandbox_fault(chosen.python) if self._desk is not None else ""
        self._promise.setText(promise(chosen, self._words, fault))

    def show_profile(self, desk: Desk) -> None:
        """Say how much of this profile is approved, with a button that takes it back, and how its sandbox does."""
        self._desk = desk
        trust = desk.trust

        def tell() -> None:
            self._trust.setText(self._labels["trusted"] % (trust.approved, trust.muted))
            self._forget.setEnabled(bool(trust.approved or trust.muted))

        def forget() -> None:
            trust.forget()
            tell()

        self._forget.clicked.connect(lambda _checked: forget())
        self._trust.show()
        self._forget.show()
        tell()
        self._tell()

    def hide_json(self) -> None:
        """Where there is no editor of Anki's to go to."""
        self._json.hide()
