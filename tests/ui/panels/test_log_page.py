"""Tests of the Log page."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from realm_desktop.ui.panels.log_page import LogPage
from realm_desktop.ui.theme import Theme
from tests.support.widgets import click

LINES = [f"gui    line {n}" for n in range(100)]


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> LogPage:
    page = LogPage(theme)
    qtbot.addWidget(page)
    page.resize(600, 240)
    page.show()
    return page


def test_end_of_the_log_is_shown_and_followed(page: LogPage) -> None:
    page.show_lines(LINES[:50])
    page.show_lines(LINES)

    bar = page.view.verticalScrollBar()
    assert page.view.toPlainText().endswith("line 99")
    assert bar.value() == bar.maximum() > 0
    assert page.state.text() == "Follows the end"


def test_log_stands_still_for_a_reader(page: LogPage) -> None:
    page.show_lines(LINES[:50])
    page.view.verticalScrollBar().setValue(0)

    page.show_lines(LINES)

    assert page.view.toPlainText().endswith("line 49")
    assert page.state.text().startswith("Stands still")


def test_selection_is_kept(page: LogPage) -> None:
    page.show_lines(LINES[:3])
    page.view.selectAll()

    page.show_lines(LINES)

    assert page.view.textCursor().selectedText().endswith("line 2")


def test_all_lines_can_be_copied(page: LogPage) -> None:
    page.show_lines(LINES[:2])

    click(page.copy_button)

    assert QGuiApplication.clipboard().text() == "gui    line 0\ngui    line 1"


def test_folder_can_be_opened(page: LogPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.folder_requested):
        click(page.folder_button)


def test_log_is_named(page: LogPage) -> None:
    assert page.view.accessibleName() == "Log of window and engine"
    assert page.view.isReadOnly()
