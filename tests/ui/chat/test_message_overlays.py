"""The buttons on top of messages, by keyboard."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QToolButton

from realm_desktop.ui.chat.message_menu import MessageMenu
from realm_desktop.ui.chat.transcript_view import TranscriptView
from tests.support.chat_views import long_chat
from tests.support.widgets import child, press
from tests.ui.chat.conftest import ShowChat

ALT = Qt.KeyboardModifier.AltModifier


def _focused_copy_button(view: TranscriptView) -> QToolButton:
    """As Tab brings the focus there, from the list."""
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    view.setCurrentIndex(view.transcript_model.index(0))
    button = _button(view, "Copy")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    return button


def _button(view: TranscriptView, name: str) -> QToolButton:
    buttons = view.viewport().findChildren(QToolButton)
    return next(b for b in buttons if b.isVisible() and b.accessibleName() == name)


def test_keys_of_messages_work_from_their_buttons(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(4, "Short."))
    button = _focused_copy_button(view)
    assert view.currentIndex().row() == 3

    press(button, Qt.Key.Key_Up, ALT)

    assert view.currentIndex().row() == 2
    assert view.hasFocus()


def test_arrows_alone_still_go_through_the_buttons(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(2, "Short."))
    button = _focused_copy_button(view)

    press(button, Qt.Key.Key_Right)

    assert _button(view, "Edit").hasFocus()


def test_menu_key_on_a_button_opens_the_menu_of_its_message(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(2, "Short."))
    button = _focused_copy_button(view)
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(button, QContextMenuEvent(reason, QPoint(), QPoint()))

    menu = child(view, MessageMenu)
    assert "Regenerate" in [entry.text() for entry in menu.actions()]
    menu.close()
