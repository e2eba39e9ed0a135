"""Tests of tooltips that end with a key."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from realm_desktop.ui.action_set import ActionSet
from realm_desktop.ui.key_tips import KeyTips, name_action
from realm_desktop.ui.plain_tip import plain_tip


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    """A window with one button that stands for "Quit"."""
    window = QMainWindow()
    qtbot.addWidget(window)
    button = QPushButton(window)
    button.setToolTip("Leave")
    name_action(button, "quit")
    window.show()
    return window


@pytest.fixture
def button(window: QMainWindow) -> QPushButton:
    found = window.findChild(QPushButton)
    assert isinstance(found, QPushButton)
    return found


@pytest.fixture
def actions(window: QMainWindow) -> ActionSet:
    return ActionSet(window)


@pytest.fixture
def tips(actions: ActionSet, window: QMainWindow) -> KeyTips:
    tips = KeyTips(actions, window)
    tips.watch(window)
    return tips


def test_tooltip_ends_with_the_key(tips: KeyTips, button: QPushButton) -> None:
    assert tips.text_of(button) == "Leave (Ctrl+Q)"


def test_key_is_the_one_the_user_chose(
    tips: KeyTips, actions: ActionSet, button: QPushButton
) -> None:
    actions.set_keys({"quit": ["F9"]})

    assert tips.text_of(button) == "Leave (F9)"


def test_action_without_a_key_adds_nothing(
    tips: KeyTips, actions: ActionSet, button: QPushButton
) -> None:
    actions.set_keys({"quit": []})

    assert tips.text_of(button) == "Leave"


def test_tooltip_that_changes_keeps_its_key(tips: KeyTips, button: QPushButton) -> None:
    button.setToolTip(plain_tip("<b>Leave</b>"))

    assert tips.text_of(button) == "<qt>&lt;b&gt;Leave&lt;/b&gt; (Ctrl+Q)</qt>"


def test_widget_without_a_tooltip_has_none(tips: KeyTips, button: QPushButton) -> None:
    button.setToolTip("")

    assert tips.text_of(button) == ""


def test_tooltip_is_shown_with_the_key(
    tips: KeyTips, button: QPushButton, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: shown.append(text))

    QApplication.sendEvent(button, QHelpEvent(QEvent.Type.ToolTip, QPoint(1, 1), QPoint(1, 1)))

    assert shown == ["Leave (Ctrl+Q)"]
