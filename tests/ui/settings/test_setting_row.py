"""Tests of the row of one setting."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.schema.setting import Scope
from realm_desktop.schema.table import SETTINGS
from realm_desktop.ui.theme import Theme
from tests.support.setting_rows import make_row
from tests.support.widgets import click

KEY = "sampling.temperature"


@pytest.mark.parametrize(
    ("scope", "word", "is_here"),
    [
        (None, "app", False),
        (Scope.APP, "app", False),
        (Scope.WORKSPACE, "workspace", False),
        (Scope.CONVERSATION, "chat", True),
    ],
)
def test_badge_says_where_the_value_comes_from(
    theme: Theme, qtbot: QtBot, scope: Scope | None, word: str, is_here: bool
) -> None:
    row = make_row(theme, KEY, 0.4, scope)
    qtbot.addWidget(row)

    assert (row.badge.text, row.badge.is_changed_here) == (word, is_here)
    assert word in row.badge.accessibleName()
    assert row.reset_button.isHidden() is not is_here


def test_reset_asks_by_key(theme: Theme, qtbot: QtBot) -> None:
    row = make_row(theme, KEY, 0.4, Scope.CONVERSATION)
    qtbot.addWidget(row)

    with qtbot.waitSignal(row.reset_requested) as told:
        click(row.reset_button)

    assert told.args == [KEY]


def test_info_tells_range_and_more_without_a_pointer(theme: Theme, qtbot: QtBot) -> None:
    row = make_row(theme, KEY)
    qtbot.addWidget(row)
    short = row.description.text()
    click(row.info_button)
    long = row.description.text()
    click(row.info_button)

    assert "0 to 100" in long
    assert row.description.text() == short
    assert "0 to 100" in row.info_button.accessibleDescription()


def test_fault_goes_with_the_next_good_value(theme: Theme, qtbot: QtBot) -> None:
    row = make_row(theme, KEY)
    qtbot.addWidget(row)
    row.show_fault("too hot")
    is_shown = not row.fault.isHidden()
    row.editor.changed.emit(0.5)

    assert is_shown
    assert row.fault.isHidden()


@pytest.mark.parametrize("key", [setting.key for setting in SETTINGS])
def test_every_control_can_be_read_and_reached(theme: Theme, qtbot: QtBot, key: str) -> None:
    row = make_row(theme, key)
    qtbot.addWidget(row)
    buttons: list[QWidget] = list(row.findChildren(QToolButton))
    control = row.editor.control

    assert control.accessibleName()
    assert control.focusPolicy()
    assert all(button.accessibleName() for button in buttons if not button.isHidden())
    assert [label.buddy() for label in row.findChildren(QLabel) if label.buddy() is not None] == [
        control
    ]


@pytest.mark.usefixtures("german")
def test_fault_is_said_in_the_users_language(theme: Theme, qtbot: QtBot) -> None:
    row = make_row(theme, "sampling.temperature")
    qtbot.addWidget(row)
    row.show_fault("temperature is 9; it must be between 0 and 5")

    assert row.fault.text() == "temperature ist 9; erlaubt ist 0 bis 5"
