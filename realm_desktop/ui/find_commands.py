"""What the window does to find words in a chat: opens the search of the tab in front, steps in it.

GUI thread.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from realm_desktop.ui.action_set import ActionSet
from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.window_parts import WindowParts


class FindCommands(QObject):
    """Commands of the search in the chat in front."""

    def __init__(self, parts: WindowParts, actions: ActionSet, window: QWidget) -> None:
        super().__init__(window)
        self._parts = parts
        steps: dict[ActionName, int] = {"find-in-chat": 0, "find-next": 1, "find-previous": -1}
        for name, direction in steps.items():
            actions[name].triggered.connect(partial(self._find, direction))

    def _find(self, direction: int, _is_checked: bool = False) -> None:  # as Qt calls it
        self._parts.show_page("chat")
        page = self._parts.tabs.current.current_chat
        if page is not None:
            page.find_words(direction)
