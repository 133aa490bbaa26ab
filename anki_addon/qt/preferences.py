"""The settings: which Python runs the cells, for how long, in which sandbox. Stores them, and nothing else happens.

Interpreters are looked for beside the window; one is made only after `making` has asked.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Callable, List, Mapping, Optional

from aqt.main import AnkiQt
from aqt.qt import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    Qt,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from .. import settings as known
from ..cells import sandbox
from ..pythons import Python, best, find, probe
from ..settings import Settings
from ..trust import Trust
from .making import Making, base_of
from .work import Work

JSON = 2
"""What the dialog ends with when Anki's own editor of the configuration is wanted."""
PATH = Qt.ItemDataRole.UserRole


class Preferences(QDialog):
    """Edits a copy of `settings`; `result_settings` holds it when the dialog was accepted."""

    def __init__(self, main: AnkiQt, data: Path, settings: Settings, labels: Mapping[str, str]) -> None:
        super().__init__(main)
        self._main, self._data, self._labels = main, data, labels
        self._settings = settings
        self._found: List[Python] = []
        self._work: Optional[Work] = None
        self.setWindowTitle(labels["title"])
        self.setMinimumWidth(680)
        self._list = QTreeWidget(self)
        self._status = QLabel(self)
        self._progress = QProgressBar(self)
        self._limit = QSpinBox(self)
        self._sandbox = QComboBox(self)
        self._warm = QCheckBox(labels["warm"], self)
        self._trust = QLabel(self)
        self._forget = self._button("forget", lambda: None)
        self._json = self._button("json", lambda: self.done(JSON))
        self._build()
        self.finished.connect(self._finish)
        self._search()

    @property
    def result_settings(self) -> Settings:
        """What is chosen now."""
        item = self._list.currentItem()
        return replace(
            self._settings,
            python=str(item.data(0, PATH)) if item is not None else self._settings.python,
            time_limit=self._limit.value(),
            sandbox=str(self._sandbox.currentData()),
            warm=self._warm.isChecked(),
        )

    def _build(self) -> None:
        self._build_list()
        self._progress.setRange(0, 0)
        self._progress.setObjectName("progress")
        self._limit.setObjectName("limit")
        self._progress.setMaximumHeight(8)
        self._status.setWordWrap(True)
        self._status.setObjectName("status")
        row = QHBoxLayout()
        for name, pressed in (("search", self._search), ("choose", self._choose), ("make", self._make)):
            row.addWidget(self._button(name, pressed))
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(self._labels["python"], self))
        layout.addWidget(self._list)
        layout.addWidget(self._progress)
        layout.addWidget(self._status)
        layout.addLayout(row)
        layout.addLayout(self._form())
        self._trust.hide()
        self._forget.hide()
        layout.addLayout(self._end())

    def _build_list(self) -> None:
        columns = self._labels["columns"].split("|")
        self._list.setHeaderLabels(columns)
        self._list.setRootIsDecorated(False)
        self._list.setObjectName("pythons")
        header = self._list.header()
        assert header is not None
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        nothing = QTreeWidgetItem([self._labels["automatic"]])
        nothing.setData(0, PATH, "")
        self._list.addTopLevelItem(nothing)
        nothing.setFirstColumnSpanned(True)
        if not self._settings.python:
            self._list.setCurrentItem(nothing)

    def _form(self) -> QFormLayout:
        self._limit.setRange(known.SHORTEST, known.LONGEST)
        self._limit.setValue(self._settings.time_limit)
        self._limit.setSuffix(self._labels["unit"])
        for name in known.SANDBOXES:
            self._sandbox.addItem(self._labels["sandbox " + name], name)
        self._sandbox.setCurrentIndex(known.SANDBOXES.index(self._settings.sandbox))
        self._warm.setChecked(self._settings.warm)
        lacking = sandbox.missing()
        state = QLabel(self._labels["sandbox missing"] % lacking if lacking else self._labels["sandbox works"], self)
        state.setWordWrap(True)
        form = QFormLayout()
        form.addRow(self._labels["limit"], self._limit)
        form.addRow(self._labels["sandbox"], self._sandbox)
        form.addRow("", state)
        form.addRow("", self._warm)
        form.addRow(self._trust, self._forget)
        return form

    def _end(self) -> QHBoxLayout:
        buttons = QDialogButtonBox(self)
        buttons.addButton(self._labels["ok"], QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self._labels["cancel"], QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self._json)
        row.addWidget(buttons)
        return row

    def _button(self, name: str, pressed: Callable[[], object]) -> QPushButton:
        button = QPushButton(self._labels[name], self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked: pressed())
        return button

    def show_trust(self, trust: Trust) -> None:
        """Say how much of this profile is approved, with a button that takes it back at once."""

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

    def hide_json(self) -> None:
        """Where there is no editor of Anki's to go to."""
        self._json.hide()

    def _search(self) -> None:
        if self._work is not None:
            self._work.cancel()
        while self._list.topLevelItemCount() > 1:
            self._list.takeTopLevelItem(1)
        self._found = []
        self._progress.show()
        self._status.setText(self._labels["searching"])
        self._work = Work(self._main, lambda: find(self._data, self._settings.python))
        self._work.start(self._add, self._searched)

    def _add(self, python: Python) -> None:
        self._found.append(python)
        devices = ", ".join(python.devices)
        columns = [python.version, python.torch, python.numpy, python.matplotlib, devices, python.path]
        item = QTreeWidgetItem([column or "–" for column in columns])
        item.setData(0, PATH, python.path)
        item.setToolTip(5, python.source)
        item.setDisabled(bool(python.problem))
        self._list.addTopLevelItem(item)
        if python.path == self._settings.python:
            self._list.setCurrentItem(item)

    def _searched(self, error: Optional[BaseException]) -> None:
        self._work = None
        self._progress.hide()
        good = best(tuple(self._found))
        said = self._labels["found"] % len(self._found) if good is not None else self._labels["none"]
        self._status.setText(str(error) if error is not None else said)
        if good is not None and not self._settings.python:
            self._select(good.path)

    def _select(self, path: str) -> None:
        for at in range(self._list.topLevelItemCount()):
            item = self._list.topLevelItem(at)
            if item is not None and item.data(0, PATH) == path:
                self._list.setCurrentItem(item)

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self._labels["choose"])
        if path:
            self._take(path)

    def _take(self, path: str) -> None:
        """Ask the interpreter at `path`, beside the window, what it has; list and select it."""

        def ask() -> List[Python]:
            python = probe(path, self._data)
            return [python] if python is not None else []

        def done(error: Optional[BaseException]) -> None:
            known_paths = [each.path for each in self._found]
            if error is not None or not known_paths or known_paths == before:
                self._status.setText(self._labels["not a python"] % path)
            else:
                self._select(known_paths[-1])

        before = [each.path for each in self._found]
        Work(self._main, ask).start(self._add, done)

    def _make(self) -> None:
        folder = self._data / "environment"
        making = Making(self._main, self, base_of(tuple(self._found)), folder, self._labels)
        making.made = self._take
        making.open()

    def _finish(self) -> None:
        if self._work is not None:
            self._work.cancel()
