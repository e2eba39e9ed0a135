"""Tests of the toast."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.toast import Toast
from tests.support.widgets import child, click


@pytest.fixture
def centre(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(600, 400)
    widget.show()
    return widget


def _toast(theme: Theme, centre: QWidget) -> Toast:
    return Toast(theme, centre)


def test_toast_is_hidden_until_it_has_something_to_say(theme: Theme, centre: QWidget) -> None:
    assert not _toast(theme, centre).isVisible()


def test_toast_stands_at_the_top_right(theme: Theme, centre: QWidget) -> None:
    toast = _toast(theme, centre)

    toast.show_message("1 chat moved to Trash")

    assert toast.geometry().right() == 600 - 12 - 1
    assert toast.y() == 12


def test_toast_follows_the_size_of_the_centre(theme: Theme, centre: QWidget) -> None:
    toast = _toast(theme, centre)
    toast.show_message("1 chat moved to Trash")

    centre.resize(500, 300)

    assert toast.geometry().right() == 500 - 12 - 1


def test_undo_is_told_and_hides_the_toast(theme: Theme, centre: QWidget, qtbot: QtBot) -> None:
    toast = _toast(theme, centre)
    toast.show_message("1 chat moved to Trash")

    with qtbot.waitSignal(toast.undone):
        click(child(toast, QPushButton))

    assert not toast.isVisible()


def test_toast_ends_when_its_time_is_over(theme: Theme, centre: QWidget, qtbot: QtBot) -> None:
    toast = _toast(theme, centre)

    with qtbot.waitSignal(toast.ended, timeout=3000):
        toast.show_message("1 chat moved to Trash", seconds=1)

    assert not toast.isVisible()


def test_closing_the_toast_keeps_what_was_done(theme: Theme, centre: QWidget, qtbot: QtBot) -> None:
    toast = _toast(theme, centre)
    toast.show_message("1 chat moved to Trash")

    with qtbot.assertNotEmitted(toast.undone), qtbot.waitSignal(toast.ended):
        click(child(toast, QToolButton))


def test_new_message_ends_the_one_before(theme: Theme, centre: QWidget, qtbot: QtBot) -> None:
    toast = _toast(theme, centre)
    toast.show_message("first")

    with qtbot.waitSignal(toast.ended):
        toast.show_message("second")

    assert toast.isVisible()
    assert toast.accessibleName() == "second"


def test_message_without_undo_offers_none(theme: Theme, centre: QWidget) -> None:
    toast = _toast(theme, centre)

    toast.show_message("The backup is ready", can_undo=False)

    assert not child(toast, QPushButton).isVisible()


def test_message_is_shown_as_plain_text(theme: Theme, centre: QWidget) -> None:
    toast = _toast(theme, centre)
    toast.show_message("<b>bold</b> moved to Trash")

    label = child(toast, QLabel)

    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == "<b>bold</b> moved to Trash"


def test_toast_stays_below_what_it_may_not_cover(theme: Theme, centre: QWidget) -> None:
    tops = [100]
    toast = Toast(theme, centre, lambda: tops[0])
    toast.show_message("1 chat moved")
    first = toast.y()

    tops[0] = 200
    centre.resize(centre.width() + 1, centre.height())

    assert (first, toast.y()) == (112, 212)


def test_long_text_takes_more_lines_and_the_next_one_fewer(theme: Theme, centre: QWidget) -> None:
    toast = _toast(theme, centre)
    toast.show_message("It has changed since then. " * 12)
    label = child(toast, QLabel)

    assert toast.width() <= centre.width() - 24
    assert label.height() >= label.heightForWidth(label.width())
    assert toast.height() > theme.px(44)

    toast.show_message("Short")
    assert toast.height() == theme.px(44)
    assert toast.width() < centre.width() / 2
