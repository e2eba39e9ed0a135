"""Tests of the dock below the chats."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.panels.bottom_dock import BottomDock
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import SpinnerClock
from tests.support.widgets import click, press


@pytest.fixture
def dock(theme: Theme, qtbot: QtBot) -> BottomDock:
    dock = BottomDock(theme, SpinnerClock(theme))
    qtbot.addWidget(dock)
    dock.resize(800, 320)
    return dock


def test_pages_are_made_when_the_dock_is_opened(dock: BottomDock) -> None:
    before = dock.stack.count()

    dock.show()

    assert (before, dock.stack.count()) == (0, 3)
    assert dock.seen_page == "batch"


def test_hidden_dock_shows_no_page(dock: BottomDock, qtbot: QtBot) -> None:
    dock.show()

    with qtbot.waitSignal(dock.page_shown) as told:
        dock.hide()

    assert told.args == [""]
    assert dock.seen_page is None


def test_keyboard_changes_the_page(dock: BottomDock, qtbot: QtBot) -> None:
    dock.show()
    dock.strip.setFocus()

    with qtbot.waitSignal(dock.page_shown) as told:
        press(dock.strip, Qt.Key.Key_Right)

    assert told.args == ["performance"]
    assert dock.stack.currentWidget() is dock.performance


def test_page_chosen_before_the_dock_is_open_is_shown(dock: BottomDock) -> None:
    dock.show_page("log")
    dock.show()

    assert dock.stack.currentWidget() is dock.log


def test_close_button_asks(dock: BottomDock, qtbot: QtBot) -> None:
    dock.show()

    with qtbot.waitSignal(dock.closed):
        click(dock.close_button)

    assert dock.close_button.accessibleName() == "Close the dock"
