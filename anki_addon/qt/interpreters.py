"""The interpreters of this computer as a list of which one is chosen. What is chosen changes only by a choice: no
search, no focus and no interpreter that does not answer takes it away.

They are looked for beside the window; one is made only after `making` has asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Callable, List, Mapping, Optional

from aqt.main import AnkiQt
from aqt.qt import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    Qt,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..environments import Wish, base_of, find_uv, made, remove
from ..places import homes, own
from ..pythons import Python, best, find, probe
from .labels import labels
from .making import Making
from .work import Work, Works

PATH = Qt.ItemDataRole.UserRole
REMARK, WHERE = 5, 6
"""Columns."""


class Interpreters(QWidget):
    """`python` is the path that is chosen, empty for none. `data`: the add-on's own folder."""

    def __init__(self, main: AnkiQt, data: Path, python: str, language: str) -> None:
        super().__init__(main)
        self.python = python
        self._main, self._data, self._language = main, data, language
        self._labels: Mapping[str, str] = labels(language)
        self._found: List[Python] = []
        self._works = Works(main)
        self._search_work: Optional[Work] = None
        self._making: Optional[Making] = None
        self._list = QTreeWidget(self)
        self._progress = QProgressBar(self)
        self._status = QLabel(self)
        self._delete = self._button("delete", self._ask_to_delete)
        self._build()
        self.search()

    def _build(self) -> None:
        self._list.setHeaderLabels(self._labels["columns"].split("|"))
        self._list.setRootIsDecorated(False)
        self._list.setObjectName("pythons")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self._list.header()
        assert header is not None
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        # not the current row, which is one as soon as the list has the focus
        self._list.itemSelectionChanged.connect(self._choose_selected)
        self._progress.setRange(0, 0)
        self._progress.setObjectName("progress")
        self._progress.setMaximumHeight(8)
        self._status.setTextFormat(Qt.TextFormat.PlainText)
        self._status.setWordWrap(True)
        self._status.setObjectName("status")
        row = QHBoxLayout()
        for name, pressed in (("search", self.search), ("choose", self._browse), ("make", self._make)):
            row.addWidget(self._button(name, pressed))
        row.addWidget(self._delete)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self._list, self._progress, self._status):
            layout.addWidget(part)
        layout.addLayout(row)

    def _button(self, name: str, pressed: Callable[[], object]) -> QPushButton:
        button = QPushButton(self._labels[name], self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked: pressed())
        return button

    def leave(self) -> None:
        """Hear no more of what still goes on."""
        self._works.cancel()
        if self._making is not None:
            self._making.leave()

    def search(self) -> None:
        """Look for interpreters anew; whatever was chosen stays."""
        if self._search_work is not None:
            self._search_work.cancel()
        self._found = []
        self._fill()
        self._progress.show()
        self._status.setText(self._labels["searching"])
        self._search_work = self._works.start(lambda: find(self._data, self.python), self._add, self._searched)

    def _searched(self, error: Optional[BaseException]) -> None:
        self._search_work = None
        self._progress.hide()
        good = best(tuple(self._found))
        said = self._labels["found"] % len(self._found) if good is not None else self._labels["none"]
        self._status.setText(str(error) if error is not None else said)
        if good is not None and not self.python:
            self.python = good.path
            self._fill()

    def _add(self, python: Python) -> None:
        self._found = [each for each in self._found if each.path != python.path] + [python]
        self._fill()

    def _fill(self) -> None:
        """Draw the rows; the chosen one is marked, and nothing is chosen by that."""
        self._list.blockSignals(True)
        self._list.clear()
        nothing = QTreeWidgetItem([self._labels["automatic"]])
        nothing.setData(0, PATH, "")
        self._list.addTopLevelItem(nothing)
        nothing.setFirstColumnSpanned(True)
        rows = {"": nothing, **{each.path: self._row(each) for each in self._found}}
        chosen = rows.get(self.python)
        if chosen is not None:
            self._list.setCurrentItem(chosen)
        self._list.blockSignals(False)
        self._delete.setVisible(bool(made(homes(self._data))))

    def _row(self, python: Python) -> QTreeWidgetItem:
        remark = self._labels[python.problem or python.source]
        columns = [python.version, python.torch, python.numpy, python.matplotlib, ", ".join(python.devices)]
        row = QTreeWidgetItem([*(column or "–" for column in columns), remark, python.path])
        row.setData(0, PATH, python.path)
        self._list.addTopLevelItem(row)
        row.setDisabled(bool(python.problem))
        return row

    def _choose_selected(self) -> None:
        for row in self._list.selectedItems():
            self.python = str(row.data(0, PATH))

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self._labels["choose"])
        if path:
            self.take(path)

    def take(self, path: str) -> None:
        """Ask the interpreter at `path`, beside the window, what it has; choose it if it can run cells."""
        told: List[Python] = []

        def ask() -> List[Python]:
            python = probe(path, self._data)
            return [python] if python is not None else []

        def done(error: Optional[BaseException]) -> None:
            if error is not None or not told:
                self._status.setText(self._labels["not a python"] % path)
            elif told[0].problem:
                self._status.setText("%s: %s" % (path, self._labels[told[0].problem]))
            else:
                self.python = path
            for python in told:
                self._add(python)

        self._works.start(ask, told.append, done)

    def _make(self) -> None:
        folder = Path(own())
        wish = Wish(base_of(self._found, folder), folder, uv=find_uv())
        self._making = Making(self._main, self, wish, self._language)
        self._making.made = self.take
        self._making.open()

    def _ask_to_delete(self) -> None:
        folders = made(homes(self._data))
        text = self._labels["delete question"] % "\n".join(map(str, folders))
        box = QMessageBox(QMessageBox.Icon.Question, self._labels["title"], text, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        cancel = box.addButton(self._labels["cancel"], QMessageBox.ButtonRole.RejectRole)
        go = box.addButton(self._labels["delete"], QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(cancel)
        box.exec()
        if box.clickedButton() is go:
            self._remove([str(folder) for folder in folders])

    def _remove(self, folders: List[str]) -> None:
        def removing() -> List[None]:
            remove(folders)
            return []

        def done(error: Optional[BaseException]) -> None:
            if error is None and any(Path(folder) in Path(self.python).parents for folder in folders):
                self.python = ""
            self.search()
            self._status.setText(str(error) if error is not None else self._labels["deleted"])

        self._status.setText(self._labels["deleting"])
        self._works.start(removing, lambda _: None, done)
