"""The buttons on top of messages: which there are, and their keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from realm_desktop.ui.chat.message_menu import MessageMenu
from realm_desktop.ui.chat.transcript_view import TranscriptView
from tests.support.chat_tabs import open_chat, until
from tests.support.chat_views import long_chat, settle
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


def _names(view: TranscriptView) -> list[str]:
    buttons = view.viewport().findChildren(QToolButton)
    return [button.accessibleName() for button in buttons if button.isVisible()]


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


@pytest.mark.asyncio_qt
async def test_question_can_be_edited_again_when_its_reply_has_ended(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        view = chat.tab.view
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests) and len(chat.contents) == 2)
        settle(view)
        QTest.mouseMove(view.viewport(), view.visualRect(chat.tab.model.index(0)).center())
        assert "Edit" not in _names(view)

        chat.client.reply("Because.")
        await until(lambda: not chat.session.is_busy)
        await until(lambda: _names(view).count("Edit") == 2)
        assert "Compare…" in _names(view)
