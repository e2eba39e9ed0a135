"""Tests of pop-ups that stand below what opened them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.anchored_popup import AnchoredPopup
from tests.support.widgets import press

FRAME_PX = 2
"""What a platform without a window manager puts around a window."""


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.show()
    return window


def opened(theme: Theme, window: QWidget, left: int) -> tuple[AnchoredPopup, QWidget]:
    anchor = QWidget(window)
    anchor.setGeometry(left, 10, 60, 20)
    popup = AnchoredPopup(theme, window)
    popup.setFixedSize(200, 100)
    popup.show_below(anchor)
    return popup, anchor


def test_popup_stands_below_its_anchor(theme: Theme, window: QWidget) -> None:
    popup, anchor = opened(theme, window, 50)

    below = anchor.mapToGlobal(QPoint(0, anchor.height()))
    assert abs(popup.x() - below.x()) <= FRAME_PX
    assert below.y() < popup.y() <= below.y() + 8


def test_popup_stays_inside_the_window(theme: Theme, window: QWidget) -> None:
    popup, _ = opened(theme, window, 560)

    right = window.mapToGlobal(QPoint(window.width(), 0)).x()
    assert abs(popup.x() + popup.width() - right) <= FRAME_PX


def test_esc_closes_and_deletes(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    popup, _ = opened(theme, window, 50)

    with qtbot.waitSignal(popup.destroyed):
        press(popup, Qt.Key.Key_Escape)
