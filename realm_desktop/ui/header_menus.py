"""The menus of the shown chat: below the "•••" of its header, and of its tab.

GUI thread.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from realm_desktop.ui.action_set import ActionSet
from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.panes import Panes
from realm_desktop.ui.shelf_commands import ShelfCommands
from realm_desktop.ui.tab_area import TabArea

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


_OF_TAB: Final[tuple[ActionName | None, ...]] = (
    "close-tab",
    "reopen-tab",
    None,
    "rename-chat",
    "pin-chat",
    "move-chat",
    None,
    "split-right",
    "split-down",
    "detach-tab",
    "attach-tab",
)
_ONE_OF_TWO: Final = ("detach-tab", "attach-tab")


class HeaderMenus:
    """Menus of the shown chat, its actions and places; each deletes itself when it closes."""

    def __init__(self, tabs: Panes, actions: ActionSet, shelf: ShelfCommands) -> None:
        self._tabs = tabs
        self._actions = actions
        self._shelf = shelf
        tabs.pane_added.connect(self._watch)
        for pane in tabs.panes:
            self._watch(pane)

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

    def _watch(self, pane: TabArea) -> None:
        pane.strip.menu_requested.connect(partial(self._show_of_tab, pane))

    def _show_of_tab(self, pane: TabArea, place: QPoint) -> None:
        # The actions are those of the chat in front, and a click on a tab need not bring the focus.
        self._tabs.set_current(pane)
        menu = self._new_menu()
        for name in _OF_TAB:
            if name is None:
                menu.addSeparator()
            elif name not in _ONE_OF_TWO or self._actions[name].isEnabled():
                menu.addAction(self._actions[name])
        menu.popup(place)

    def _new_menu(self) -> QMenu:
        menu = QMenu(self._tabs.window())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _show(self, menu: QMenu) -> None:
        button = self._tabs.header.more_button
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))
