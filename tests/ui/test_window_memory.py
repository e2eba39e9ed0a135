"""Tests of the window's place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from realm_desktop.settings import AppearanceSettings, Settings, WindowSettings
from realm_desktop.ui.window_memory import (
    DEFAULT_SIZE,
    MIN_SIZE,
    geometry_of,
    place_window,
    with_window,
)


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


def _size(window: QMainWindow) -> tuple[int, int]:
    return window.width(), window.height()


def test_first_window_has_the_size_of_the_design(window: QMainWindow) -> None:
    place_window(window, WindowSettings())

    assert _size(window) == DEFAULT_SIZE
    assert (window.minimumWidth(), window.minimumHeight()) == MIN_SIZE


def test_last_place_is_taken_again(window: QMainWindow) -> None:
    place_window(window, WindowSettings(geometry=(20, 30, 730, 500)))

    assert geometry_of(window) == (20, 30, 730, 500)


def test_place_on_a_screen_that_is_gone_is_forgotten(window: QMainWindow) -> None:
    far = QGuiApplication.primaryScreen().virtualGeometry().right() + 500

    place_window(window, WindowSettings(geometry=(far, 0, 900, 600)))

    assert _size(window) == DEFAULT_SIZE
    assert window.x() < far


def test_sliver_at_the_edge_is_not_enough(window: QMainWindow) -> None:
    right = QGuiApplication.primaryScreen().availableGeometry().right()

    place_window(window, WindowSettings(geometry=(right - 10, 0, 900, 600)))

    assert window.x() < right - 10


def test_maximized_window_comes_back_maximized_and_hidden(window: QMainWindow) -> None:
    place_window(window, WindowSettings(is_maximized=True))

    assert window.windowState() & Qt.WindowState.WindowMaximized
    assert not window.isVisible()


def test_other_settings_and_windows_stay() -> None:
    appearance = AppearanceSettings(zoom=1.5)
    second = WindowSettings(sidebar_width=300)
    settings = Settings(windows=(WindowSettings(), second), appearance=appearance)

    changed = with_window(settings, WindowSettings(sidebar_width=250))

    assert [window.sidebar_width for window in changed.windows] == [250, 300]
    assert changed.appearance == appearance
