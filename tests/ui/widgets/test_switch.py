"""Tests of the switch."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.switch import Switch
from tests.support.pictures import has_colour, picture_of
from tests.support.widgets import click, press


@pytest.fixture
def switch(theme: Theme, qtbot: QtBot) -> Switch:
    switch = Switch(theme, "Reduced motion")
    qtbot.addWidget(switch)
    switch.resize(switch.sizeHint())
    return switch


def test_switch_is_off_at_first_and_named(switch: Switch) -> None:
    assert not switch.isChecked()
    assert switch.accessibleName() == "Reduced motion"


def test_click_and_space_toggle(switch: Switch, qtbot: QtBot) -> None:
    with qtbot.waitSignal(switch.toggled):
        click(switch)
    assert switch.isChecked()

    press(switch, Qt.Key.Key_Space)

    assert not switch.isChecked()


def test_on_is_filled_with_the_accent(switch: Switch, theme: Theme) -> None:
    assert not has_colour(switch, theme.colour("accent"))

    switch.setChecked(True)

    assert has_colour(switch, theme.colour("accent"))


def test_on_and_off_differ_without_colour(switch: Switch) -> None:
    off = picture_of(switch).convertToFormat(picture_of(switch).Format.Format_Grayscale8)
    switch.setChecked(True)

    assert picture_of(switch).convertToFormat(off.format()) != off


def test_right_to_left_puts_the_knob_on_the_other_side(switch: Switch, theme: Theme) -> None:
    switch.setChecked(True)
    right = switch.rect().adjusted(switch.width() // 2, 0, 0, 0)
    assert has_colour(switch, theme.colour("accent-text"), right)

    switch.setLayoutDirection(Qt.LayoutDirection.RightToLeft)

    assert not has_colour(switch, theme.colour("accent-text"), right)
