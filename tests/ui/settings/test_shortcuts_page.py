"""Tests of the page that lists and changes the keys of actions."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.settings.shortcuts_page import ShortcutsPage
from realm_desktop.ui.theme import Theme
from tests.support.pictures import has_colour
from tests.support.widgets import click, press

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> ShortcutsPage:
    page = ShortcutsPage(theme)
    qtbot.addWidget(page)
    page.show()
    return page


@pytest.fixture
def stored(page: ShortcutsPage) -> list[dict[str, Any]]:
    """What the page asked to store, the oldest first."""
    asked: list[dict[str, Any]] = []
    page.changed.connect(asked.append)
    return asked


def _press_in_field(
    page: ShortcutsPage,
    name: ActionName,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Choose an action and press a key in the field below the list."""
    page.choose(name)
    press(page.field, key, modifiers)


def test_pressed_key_is_stored_at_once(page: ShortcutsPage, stored: list[dict[str, Any]]) -> None:
    _press_in_field(page, "quit", Qt.Key.Key_F9)

    assert stored == [{"quit": ["F9"]}]
    assert page.model.rows[page.table.currentIndex().row()].keys == "F9"


def test_key_that_another_action_has_is_named_and_not_taken(
    page: ShortcutsPage, stored: list[dict[str, Any]]
) -> None:
    _press_in_field(page, "quit", Qt.Key.Key_N, CONTROL)

    assert stored == []
    assert page.fault.text() == "Ctrl+N already means “New chat”."
    assert page.swap_button.isVisible()


def test_swap_gives_the_other_action_the_former_key(
    page: ShortcutsPage, stored: list[dict[str, Any]]
) -> None:
    _press_in_field(page, "print-chat", Qt.Key.Key_N, CONTROL)

    click(page.swap_button)

    assert stored == [{"print-chat": ["Ctrl+N"], "new-chat": ["Ctrl+T", "Ctrl+P"]}]
    assert not page.fault.isVisible()


def test_key_of_text_fields_is_refused_by_name(
    page: ShortcutsPage, stored: list[dict[str, Any]]
) -> None:
    _press_in_field(page, "quit", Qt.Key.Key_C, CONTROL)

    assert stored == []
    assert "Copy" in page.fault.text()
    assert not page.swap_button.isVisible()


def test_letter_alone_is_refused(page: ShortcutsPage, stored: list[dict[str, Any]]) -> None:
    _press_in_field(page, "quit", Qt.Key.Key_A)

    assert stored == []
    assert "needed to write" in page.fault.text()


def test_escape_leaves_the_field_for_the_list(
    page: ShortcutsPage, stored: list[dict[str, Any]]
) -> None:
    page.activateWindow()
    page.choose("quit")
    page.field.setFocus()

    press(page.field, Qt.Key.Key_Escape)

    assert stored == []
    assert page.focusWidget() is page.table


def test_tab_leaves_the_field(page: ShortcutsPage, stored: list[dict[str, Any]]) -> None:
    page.activateWindow()
    page.choose("quit")
    page.field.setFocus()

    press(page.field, Qt.Key.Key_Tab)

    assert stored == []
    assert page.focusWidget() is page.remove_button


def test_key_can_be_taken_away(page: ShortcutsPage, stored: list[dict[str, Any]]) -> None:
    page.choose("quit")

    click(page.remove_button)

    assert stored == [{"quit": []}]
    assert not page.remove_button.isEnabled()


def test_reset_brings_the_usual_keys_of_one_action_back(
    page: ShortcutsPage, stored: list[dict[str, Any]]
) -> None:
    page.show_stored({"new-chat": ["F9"], "quit": ["F8"]})
    page.choose("new-chat")

    click(page.reset_button)

    assert stored == [{"quit": ["F8"]}]
    assert not page.reset_button.isEnabled()


def test_reset_to_a_key_that_was_given_away_asks_for_a_swap(
    page: ShortcutsPage, stored: list[dict[str, Any]]
) -> None:
    page.show_stored({"new-chat": ["F9"], "quit": ["Ctrl+N"]})
    page.choose("new-chat")

    click(page.reset_button)
    assert stored == []
    click(page.swap_button)

    assert stored == [{"quit": ["F9"]}]


def test_everything_is_reset_and_comes_back_by_undo(
    page: ShortcutsPage, stored: list[dict[str, Any]]
) -> None:
    page.show_stored({"new-chat": ["F9"], "quit": ["F8"]})

    click(page.reset_all_button)
    click(page.reset_all_button)

    assert stored == [{}, {"new-chat": ["F9"], "quit": ["F8"]}]


def test_filter_keeps_the_chosen_action(page: ShortcutsPage) -> None:
    page.choose("quit")

    assert page.set_filter("ctrl+q") == 1
    assert page.chosen == "quit"
    page.set_filter("")

    assert page.chosen == "quit"


def test_enter_in_the_list_goes_to_the_field(page: ShortcutsPage) -> None:
    page.activateWindow()
    page.table.setFocus()
    page.choose("quit")

    press(page.table, Qt.Key.Key_Return)

    assert page.field.isAncestorOf(page.focusWidget()) or page.field.hasFocus()


def test_keys_of_messages_cannot_be_changed(page: ShortcutsPage) -> None:
    page.table.setCurrentIndex(page.model.index(len(page.model.rows) - 1, 0))

    assert not page.field.isEnabled()
    assert page.question.text() == "This key cannot be changed."


def test_changed_key_stands_out(page: ShortcutsPage, theme: Theme) -> None:
    page.show_stored({"new-chat": ["F9"]})
    keys = page.model.index(0, 2)
    area = QRect(page.table.visualRect(keys))
    area.translate(page.table.viewport().mapTo(page, area.topLeft()) - area.topLeft())

    assert has_colour(page, theme.colour("accent-ink"), area)


def test_screen_readers_hear_action_and_key(page: ShortcutsPage) -> None:
    cell = page.model.index(0, 2)

    spoken = cell.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Keys: Ctrl+N, Ctrl+T"
    interface = QAccessible.queryAccessibleInterface(page.field)
    assert interface.text(QAccessible.Text.Name)


def test_field_waits_for_one_key_only(page: ShortcutsPage) -> None:
    page.choose("quit")
    QTest.keySequence(page.field, QKeySequence("F9"))

    assert page.model.rows[page.table.currentIndex().row()].keys == "F9"
