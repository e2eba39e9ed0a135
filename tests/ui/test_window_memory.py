"""Tests of the window's place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from realm_desktop.settings import AppearanceSettings, Settings
from realm_desktop.ui.window_memory import (
    DEFAULT_SIZE,
    MAX_SCREENS,
    MIN_SIZE,
    geometry_of,
    place_window,
    screens_key,
    size_window,
    with_geometry,
    with_windows,
)
from realm_desktop.window_settings import WindowSettings


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    size_window(window)
    return window


def _size(window: QMainWindow) -> tuple[int, int]:
    return window.width(), window.height()


def test_first_window_has_the_size_of_the_design(window: QMainWindow) -> None:
    size_window(window)

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


def test_other_settings_stay() -> None:
    appearance = AppearanceSettings(zoom=1.5)
    settings = Settings(windows=(WindowSettings(),), appearance=appearance)

    changed = with_windows(settings, WindowSettings(sidebar_width=250), WindowSettings())

    assert [window.sidebar_width for window in changed.windows] == [250, 264]
    assert changed.appearance == appearance


def test_place_of_these_screens_goes_before_the_last_one(window: QMainWindow) -> None:
    known = {screens_key(): (20, 30, 730, 500), "800x600@0,0": (1, 1, 400, 300)}

    place_window(window, WindowSettings(geometry=(5, 5, 900, 600), screen_geometries=known))

    assert geometry_of(window) == (20, 30, 730, 500)


def test_places_of_many_screens_are_dropped_the_oldest_first(window: QMainWindow) -> None:
    known = {f"{number}": (0, 0, 100, 100) for number in range(MAX_SCREENS)}

    memory = with_geometry(WindowSettings(screen_geometries=known), window)

    assert len(memory.screen_geometries) == MAX_SCREENS
    assert "0" not in memory.screen_geometries
    assert memory.screen_geometries[screens_key()] == memory.geometry == geometry_of(window)
