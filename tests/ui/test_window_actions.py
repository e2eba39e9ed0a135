"""Actions of the window, triggered by their name."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from realm_desktop.ui.window_actions import trigger


def test_action_of_the_window_is_triggered_by_its_name(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    action = QAction("Log", window)
    action.setObjectName("show-log-page")
    window.addAction(action)

    with qtbot.waitSignal(action.triggered):
        assert trigger(window, "show-log-page")

    assert not trigger(window, "choose-model")
