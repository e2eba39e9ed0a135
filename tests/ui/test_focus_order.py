"""Tests of where Tab goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from realm_desktop.ui.focus_order import step_focus, tab_stops


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def _names(window: QWidget) -> list[str]:
    window.show()
    return [stop.objectName() for stop in tab_stops(window)]


def _button(name: str, parent: QWidget | None = None) -> QPushButton:
    button = QPushButton(name, parent)
    button.setObjectName(name)
    return button


def test_order_is_that_of_the_layout_not_of_the_making(window: QWidget) -> None:
    last, first, second = _button("last"), _button("first"), _button("second")
    row = QHBoxLayout()
    row.addWidget(first)
    row.addWidget(second)
    column = QVBoxLayout(window)
    column.addLayout(row)
    column.addWidget(last)

    assert _names(window) == ["first", "second", "last"]


def test_parts_of_a_splitter_follow_each_other(window: QWidget) -> None:
    splitter = QSplitter(window)
    right = _button("right")
    splitter.addWidget(right)
    splitter.insertWidget(0, _button("left"))
    QVBoxLayout(window).addWidget(splitter)

    assert _names(window) == ["left", "right"]


def test_hidden_and_disabled_parts_are_passed_over(window: QWidget) -> None:
    stack = QStackedWidget(window)
    for name in ("shown", "hidden"):
        stack.addWidget(_button(name))
    QVBoxLayout(window).addWidget(stack)
    _button("disabled", window).setEnabled(False)

    assert _names(window) == ["shown"]


def test_what_floats_comes_after_what_is_laid_out(window: QWidget) -> None:
    floating = [_button("low", window), _button("high", window)]
    for place, button in enumerate(floating):
        button.move(0, 50 - 50 * place)
    QVBoxLayout(window).addWidget(_button("laid out"))

    assert _names(window) == ["laid out", "high", "low"]


@pytest.mark.parametrize(
    ("start", "is_forward", "reached"), [(0, True, 1), (2, True, 0), (0, False, 2), (1, False, 0)]
)
def test_focus_goes_on_and_round_the_end(
    window: QWidget, start: int, is_forward: bool, reached: int
) -> None:
    fields = [QLineEdit(window) for _ in range(3)]
    layout = QVBoxLayout(window)
    for field in fields:
        layout.addWidget(field)
    window.show()
    fields[start].setFocus()

    assert step_focus(window, is_forward=is_forward)

    assert window.focusWidget() is fields[reached]


def test_part_of_a_stop_counts_as_the_stop(window: QWidget) -> None:
    outer, after = QWidget(window), _button("after", window)
    outer.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    inner = QLineEdit(outer)
    inner.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    layout = QVBoxLayout(window)
    layout.addWidget(outer)
    layout.addWidget(after)
    window.show()
    inner.setFocus()

    step_focus(window, is_forward=True)

    assert window.focusWidget() is after


def test_window_without_a_stop_says_so(window: QWidget) -> None:
    window.show()

    assert not step_focus(window, is_forward=True)
