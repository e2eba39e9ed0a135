"""Tests of the actions as Qt knows them."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu
from pytestqt.qtbot import QtBot

from realm_desktop.ui.action_set import ActionSet
from realm_desktop.ui.actions import ACTION_NAMES, ActionName


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def actions(window: QMainWindow) -> ActionSet:
    actions = ActionSet(window)
    actions.fill(window.menuBar())
    return actions


def _menu_actions(window: QMainWindow) -> list[QAction]:
    menus = window.menuBar().findChildren(QMenu)
    found = [action for menu in menus for action in menu.actions()]
    return [action for action in found if not action.isSeparator()]


def test_every_name_has_an_action_with_text_and_tooltip(actions: ActionSet) -> None:
    for name in ACTION_NAMES:
        assert actions[name].text()
        assert actions[name].toolTip()


def test_every_action_stands_in_one_menu(actions: ActionSet, window: QMainWindow) -> None:
    names = Counter(action.objectName() for action in _menu_actions(window))

    assert names == Counter(ACTION_NAMES)


def test_menus_are_those_of_the_design(actions: ActionSet, window: QMainWindow) -> None:
    titles = [entry.text().replace("&", "") for entry in window.menuBar().actions()]

    assert titles == ["File", "Edit", "View", "Chat", "Model", "Adapter", "Window", "Help"]


def test_no_key_is_used_twice(actions: ActionSet, window: QMainWindow) -> None:
    keys = Counter(key.toString() for action in window.actions() for key in action.shortcuts())

    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("new-chat", "Ctrl+N"),
        ("new-folder", "Ctrl+Shift+N"),
        ("new-chat", "Ctrl+T"),
        ("close-tab", "Ctrl+W"),
        ("next-tab", "Ctrl+Tab"),
        ("reopen-tab", "Ctrl+Shift+T"),
        ("split-right", "Ctrl+\\"),
        ("next-pane", "F6"),
        ("choose-model", "Ctrl+L"),
        ("discover-models", "Ctrl+Shift+M"),
        ("filter-chats", "Ctrl+Shift+F"),
        ("toggle-sidebar", "Ctrl+B"),
        ("toggle-panel", "Ctrl+Alt+B"),
        ("toggle-dock", "Ctrl+J"),
        ("rename-chat", "F2"),
        ("delete-chat", "Ctrl+Shift+D"),
        ("settings", "Ctrl+,"),
        ("shortcuts", "Ctrl+/"),
        ("regenerate", "Ctrl+R"),
        ("continue", "Ctrl+Shift+Return"),
        ("copy-last-reply", "Ctrl+Shift+C"),
        ("compare", "Ctrl+D"),
        ("toggle-adapters", "Ctrl+Shift+A"),
        ("show-chats", "Ctrl+1"),
        ("show-models", "Ctrl+2"),
        ("show-adapters", "Ctrl+3"),
        ("show-downloads", "Ctrl+4"),
        ("zoom-in", "Ctrl++"),
        ("zoom-out", "Ctrl+-"),
        ("zoom-reset", "Ctrl+0"),
    ],
)
def test_keys_are_those_of_the_design(actions: ActionSet, name: ActionName, keys: str) -> None:
    assert QKeySequence(keys) in actions[name].shortcuts()


def test_tabs_have_keys_one_to_nine(actions: ActionSet) -> None:
    keys = [action.shortcut().toString() for action in actions.tab_actions]

    assert keys == [f"Alt+{number}" for number in range(1, 10)]


def test_chosen_keys_are_given_at_once(actions: ActionSet) -> None:
    actions.set_keys({"quit": ["Ctrl+Alt+Q"], "new-folder": []})

    assert actions["quit"].shortcuts() == [QKeySequence("Ctrl+Alt+Q")]
    assert actions["new-folder"].shortcuts() == []


def test_usual_keys_come_back(actions: ActionSet) -> None:
    actions.set_keys({"quit": ["Ctrl+Alt+Q"]})
    actions.set_keys({})

    assert actions["quit"].shortcuts() == [QKeySequence("Ctrl+Q")]


def test_bad_keys_are_logged_once(actions: ActionSet, caplog: pytest.LogCaptureFixture) -> None:
    actions.set_keys({"quit": ["Ctrl+Nonsense"]})
    actions.set_keys({"quit": ["Ctrl+Nonsense"]})

    assert len(caplog.records) == 1
    assert actions["quit"].shortcuts() == [QKeySequence("Ctrl+Q")]
