"""Tests of the strip that finds words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.ui.chat.find_bar import FindBar
from realm_desktop.ui.theme import Theme
from tests.support.widgets import click, press


@pytest.fixture
def bar(theme: Theme, shelf: QWidget) -> FindBar:
    bar = FindBar(theme, shelf)
    shelf.show()
    bar.resize(600, bar.height())
    bar.show()
    bar.show_count("1 of 2", has_hits=True)
    return bar


@pytest.mark.parametrize(
    ("modifier", "direction"),
    [(Qt.KeyboardModifier.NoModifier, 1), (Qt.KeyboardModifier.ShiftModifier, -1)],
)
def test_enter_steps(
    qtbot: QtBot, bar: FindBar, modifier: Qt.KeyboardModifier, direction: int
) -> None:
    with qtbot.waitSignal(bar.stepped) as stepped:
        press(bar.field, Qt.Key.Key_Return, modifier)

    assert stepped.args == [direction]


def test_arrows_step(bar: FindBar) -> None:
    steps: list[int] = []
    bar.stepped.connect(steps.append)
    click(bar.next_button)
    click(bar.previous_button)

    assert steps == [1, -1]


@pytest.mark.parametrize("part", ["field", "case_button", "close_button"])
def test_escape_closes_wherever_the_focus_is(qtbot: QtBot, bar: FindBar, part: str) -> None:
    with qtbot.waitSignal(bar.closed):
        press(getattr(bar, part), Qt.Key.Key_Escape)


def test_case_counts_when_its_button_is_down(qtbot: QtBot, bar: FindBar) -> None:
    with qtbot.waitSignal(bar.query_changed):
        click(bar.case_button)

    assert bar.is_case_sensitive


def test_without_hits_there_is_nowhere_to_step(bar: FindBar) -> None:
    bar.show_count("No hits", has_hits=False)

    assert not bar.next_button.isEnabled()
    assert not bar.previous_button.isEnabled()


def test_screen_reader_hears_the_count_and_every_button(bar: FindBar) -> None:
    assert bar.count.accessibleName() == "1 of 2"
    buttons = (bar.previous_button, bar.next_button, bar.case_button, bar.close_button)
    assert all(button.accessibleName() for button in buttons)


def test_bar_gives_way_in_a_narrow_pane(bar: FindBar) -> None:
    bar.resize(300, bar.height())

    assert bar.close_button.geometry().right() < 300
    assert bar.field.width() >= 60
