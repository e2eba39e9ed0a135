"""Tests of the column of a page."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.ui.panels.page_column import MARGIN_PX, page_column
from realm_desktop.ui.theme import Theme
from tests.support.pictures import has_colour


def test_column_has_a_margin_and_ends_at_its_width(theme: Theme, qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    inside = QLabel("x", page)
    page_column(page, theme, 500).addWidget(inside)
    page.resize(900, 300)
    page.show()
    column = inside.parentWidget()

    assert column is not None
    assert column.width() == theme.px(500)
    assert column.y() == theme.px(MARGIN_PX)
    assert page.property("surface") == "page"
    assert has_colour(page, theme.colour("surface"))


def test_column_is_wider_after_a_larger_zoom(theme: Theme, qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    inside = QLabel("x", page)
    page_column(page, theme, 500).addWidget(inside)
    page.resize(1400, 300)
    page.show()
    column = inside.parentWidget()
    assert column is not None
    theme.set_zoom(2.0)

    qtbot.waitUntil(lambda: column.geometry().width() == 1000)
    assert column.y() == 2 * MARGIN_PX
