"""The menus below the "•••" of a chat's header: its actions, and the places it can be moved to.

GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from realm_desktop.ui.action_set import ActionSet
from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.panes import Panes
from realm_desktop.ui.shelf_commands import ShelfCommands

_ACTIONS: Final[tuple[ActionName, ...]] = (
    "rename-chat",
    "pin-chat",
    "move-chat",
    "regenerate",
    "regenerate-with",
    "continue",
    "find-in-chat",
    "compare",
    "split-right",
    "copy-last-reply",
    "workspace-settings",
    "export-chat",
    "print-chat",
    "delete-chat",
)


class HeaderMenus:
    """Menus of the shown chat; each deletes itself when it closes."""

    def __init__(self, tabs: Panes, actions: ActionSet, shelf: ShelfCommands) -> None:
        self._tabs = tabs
        self._actions = actions
        self._shelf = shelf

    def show_actions(self) -> None:
        """What can be done with the chat."""
        menu = self._new_menu()
        for name in _ACTIONS:
            menu.addAction(self._actions[name])
        self._show(menu)

    def show_places(self) -> None:
        """The workspaces and folders that the chat can be moved to."""
        session = self._tabs.current_session
        if session is not None:
            menu = self._new_menu()
            self._shelf.fill_move_menu(menu, session.conversation.conversation_id)
            self._show(menu)

    def _new_menu(self) -> QMenu:
        menu = QMenu(self._tabs.window())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _show(self, menu: QMenu) -> None:
        button = self._tabs.header.more_button
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))
