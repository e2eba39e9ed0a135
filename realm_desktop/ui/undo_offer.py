"""Offers to take back what was just done: one toast, one way back at a time. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.toast import Toast


class UndoOffer(QObject):
    """The toast of the window with what its Undo does.

    Args:
        theme: Of the toast.
        centre: The toast floats over it.
        tasks: Runs the way back.
        top: As that of the toast.
    """

    def __init__(
        self, theme: Theme, centre: QWidget, tasks: TaskKeeper, top: Callable[[], int] = lambda: 0
    ) -> None:
        super().__init__(centre)
        self._tasks = tasks
        self._undo: Callable[[], Coroutine[Any, Any, object]] | None = None
        self.toast = Toast(theme, centre, top)
        self.toast.undone.connect(self._on_undone)
        self.toast.ended.connect(self._on_ended)

    def offer(self, text: str, undo: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Tell what was done, and do `undo` if the user wants it back within 8 s."""
        # Showing ends an earlier offer, which forgets its way back.
        self.toast.show_message(text)
        self._undo = undo

    def _on_undone(self) -> None:
        undo, self._undo = self._undo, None
        if undo is not None:
            self._tasks.start(undo())

    def _on_ended(self) -> None:
        self._undo = None
