"""The add-on inside Anki: what it hooks into, and nothing more. Every decision is made in the modules without Qt."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Callable, List, Mapping, Optional, Tuple

from anki.lang import current_lang
from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.qt import QAction, qconnect

from ..desk import Desk
from ..settings import Settings, language, read
from .guard import guarded
from .labels import labels
from .preferences import JSON, Preferences
from .review import Review

SHORTCUT = "Ctrl+Return"


class Addon:
    """One for as long as Anki runs; the desk is the open profile's."""

    def __init__(self, main: AnkiQt, module: str) -> None:
        self._main = main
        self._manager = main.addonManager
        # the folder is a number when the add-on came from AnkiWeb, so its name is never written down
        self._package = self._manager.addonFromModule(module)
        self._folder = Path(self._manager.addonsFolder(self._package))
        self._review = Review(main, "/_addons/%s/web/" % self._package, self._labels)
        self._review.open_settings = self.open_settings
        self._action: Optional[QAction] = None
        self._retired = False
        """Whether the add-on was deleted or replaced: what is loaded of it does nothing more until Anki starts anew."""

    def install(self) -> None:
        """Hook into Anki."""
        self._manager.setWebExports(self._package, r"web/.*\.(css|js)")
        self._manager.setConfigAction(self._package, self._configure)
        self._manager.setConfigUpdatedAction(self._package, lambda _: self._renew())
        self._action = QAction(self._labels()["menu"], self._main)
        qconnect(self._action.triggered, lambda _checked: self.open_settings())
        self._main.form.menuTools.addAction(self._action)
        review = self._review
        handlers: List[Tuple[Any, Callable[..., Any]]] = [
            (gui_hooks.webview_will_set_content, review.add_assets),
            (gui_hooks.card_will_show, review.attach),
            (gui_hooks.webview_did_receive_js_message, review.hear),
            (gui_hooks.reviewer_will_end, review.leave),
            (gui_hooks.state_shortcuts_will_change, self._add_shortcut),
            (gui_hooks.profile_did_open, self._open),
            (gui_hooks.profile_will_close, self._close),
            (gui_hooks.sync_will_start, lambda: self._sync(True)),
            (gui_hooks.sync_did_finish, lambda: self._sync(False)),
            (gui_hooks.addons_dialog_will_delete_addons, lambda _dialog, packages: self._retire(packages)),
            (gui_hooks.addon_manager_will_install_addon, lambda _manager, package: self._retire([package])),
        ]
        for hook, handler in handlers:
            hook.append(guarded(handler))

    def open_settings(self) -> None:
        """The one dialog of settings."""
        self._edit(json=False)

    def _configure(self) -> bool:
        """What Anki's own Config button does; False leads on to its editor of the JSON."""
        return self._edit(json=True) != JSON

    def _edit(self, json: bool) -> int:
        dialog = Preferences(self._main, self._folder / "user_files", self._settings(), self._language())
        if self._review.desk is not None:
            dialog.show_profile(self._review.desk)
        if not json:
            dialog.hide_json()
        result = dialog.exec()
        if result == Preferences.DialogCode.Accepted.value:
            self._manager.writeConfig(self._package, asdict(dialog.result_settings))
            self._renew()
        dialog.deleteLater()
        return result

    def _settings(self) -> Settings:
        return read(self._manager.getConfig(self._package))

    def _language(self) -> str:
        return language(self._settings(), current_lang)

    def _labels(self) -> Mapping[str, str]:
        return labels(self._language())

    def _open(self) -> None:
        if self._retired:
            return
        self._review.syncing = False  # one that broke off with the last profile has told nobody
        self._review.desk = Desk(self._folder, str(self._main.pm.profileFolder()), self._settings, current_lang)

    def _close(self) -> None:
        self._review.leave()
        desk, self._review.desk = self._review.desk, None
        if desk is not None:
            desk.close()

    def _retire(self, packages: List[str]) -> None:
        """Add-ons are about to be deleted or replaced: if ours is among them, end what runs and begin nothing more."""
        if self._package not in packages:
            return
        self._retired = True
        self._close()
        if self._action is not None:
            self._action.setEnabled(False)

    def _renew(self) -> None:
        if self._action is not None:
            self._action.setText(self._labels()["menu"])
        if self._review.desk is not None:
            self._review.desk.renew()
            self._review.redraw()

    def _sync(self, begins: bool) -> None:
        self._review.syncing = begins
        if begins:
            self._review.leave()

    def _add_shortcut(self, state: str, shortcuts: List[Tuple[str, Callable[[], Any]]]) -> None:
        if state == "review":
            shortcuts.append((SHORTCUT, self._review.press))
