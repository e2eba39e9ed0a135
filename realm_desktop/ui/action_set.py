"""The actions of one window as Qt knows them: made from the table, filled into menus.

What they do is connected by `WindowCommands`. GUI thread.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenuBar

from realm_desktop.ui.actions import (
    MENUS,
    NUM_TAB_KEYS,
    SPECS,
    ActionName,
    ActionSpec,
    action_text,
)
from realm_desktop.ui.shortcut_keys import Stored, keys_in_force


class ActionSet(QObject):
    """The actions of one window, by name; their keys work wherever the focus is."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._actions: dict[ActionName, QAction] = {}
        for spec in SPECS:
            self._actions[spec.name] = _make_action(spec, window)
        self._stored: dict[str, Any] | None = None
        self.set_keys({})
        self.tab_actions = [_make_tab_action(place, window) for place in range(NUM_TAB_KEYS)]

    def __getitem__(self, name: ActionName) -> QAction:
        """The action of this name."""
        return self._actions[name]

    def set_keys(self, stored: Stored) -> None:
        """Give every action the keys that hold with what the user chose; costs nothing twice."""
        if stored == self._stored:
            return
        # Every change of any setting comes by here, and setting shortcuts rebuilds Qt's map of keys.
        self._stored = dict(stored)
        for name, keys in keys_in_force(stored).items():
            self._actions[name].setShortcuts([QKeySequence(key) for key in keys])

    def fill(self, menu_bar: QMenuBar) -> None:
        """Add every menu with its actions."""
        for title, names in MENUS:
            menu = menu_bar.addMenu(action_text(title))
            menu.setToolTipsVisible(False)
            for name in names:
                if name is None:
                    menu.addSeparator()
                else:
                    menu.addAction(self._actions[name])


def _make_action(spec: ActionSpec, window: QMainWindow) -> QAction:
    action = QAction(action_text(spec.text), window)
    action.setObjectName(spec.name)
    action.setToolTip(action_text(spec.tooltip))
    action.setStatusTip("")
    action.setCheckable(spec.is_checkable)
    action.setMenuRole(spec.role)
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    window.addAction(action)
    return action


def _make_tab_action(place: int, window: QMainWindow) -> QAction:
    action = QAction(action_text("Tab {}").format(place + 1), window)
    action.setShortcut(QKeySequence(f"Alt+{place + 1}"))
    action.setData(place)
    window.addAction(action)
    return action
