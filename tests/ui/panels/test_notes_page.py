"""Tests of the Notes page of the right panel."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QTextOption
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.store.notes import chat_owner
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.panels.notes_page import MAX_CHARACTERS, NotesPage
from realm_desktop.ui.theme import Theme
from tests.support.widgets import press

CHAT = chat_owner(ConversationId("c1"))


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> NotesPage:
    page = NotesPage(theme)
    qtbot.addWidget(page)
    page.resize(300, 500)
    page.show()
    page.show_notes("")
    return page


def _paste(page: NotesPage, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    page.field.insertFromMimeData(data)


def test_showing_notes_is_no_typing(page: NotesPage, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(page.typed):
        page.show_notes("# From the disk")

    assert page.text == "# From the disk"


def test_typing_is_told_with_the_text(page: NotesPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.typed):
        QTest.keyClicks(page.field, "tide")

    assert page.text == "tide"


def test_nothing_can_be_typed_before_the_notes_are_there(page: NotesPage) -> None:
    page.show_notes("of another chat")
    page.show_waiting()

    assert not page.is_editable
    assert not page.field.isEnabled()
    assert page.text == ""


def test_pasted_text_is_plain_and_harmless(page: NotesPage) -> None:
    data = QMimeData()
    data.setHtml("<b>bold</b> <img src=x>")
    data.setText("bold \u202e and \x07")

    page.field.insertFromMimeData(data)

    assert page.text.startswith("bold ")
    assert not {"\u202e", "\x07"} & set(page.text)


def test_paste_is_cut_where_the_room_ends(page: NotesPage) -> None:
    page.show_notes("word " * (MAX_CHARACTERS // 5 - 1))
    page.field.moveCursor(page.field.textCursor().MoveOperation.End)

    _paste(page, "0123456789")

    assert page.text.endswith(" 01234")
    assert len(page.text) == MAX_CHARACTERS
    assert "The text was cut" in page.fault.text()


def test_notes_that_are_too_long_are_shown_in_part_and_kept_whole(
    page: NotesPage, qtbot: QtBot
) -> None:
    page.show_notes("word " * MAX_CHARACTERS)

    with qtbot.assertNotEmitted(page.typed):
        QTest.keyClicks(page.field, "x")

    assert len(page.text) == MAX_CHARACTERS
    assert "250000 characters" in page.fault.text()


def test_notes_that_fit_can_be_edited_after_some_that_did_not(page: NotesPage) -> None:
    before = []
    for text in ("word " * MAX_CHARACTERS, "short"):
        page.show_notes(text)
        before.append((page.is_editable, page.fault.isHidden()))

    assert before == [(False, False), (True, True)]


def test_one_long_word_is_broken_anywhere(page: NotesPage) -> None:
    _paste(page, "x" * 3_000)
    long = page.field.wordWrapMode()
    page.show_notes("words again")

    assert long is QTextOption.WrapMode.WrapAnywhere
    assert page.field.wordWrapMode() is QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere


def test_owners_are_offered_by_name(page: NotesPage, qtbot: QtBot) -> None:
    page.show_owners("Sea\nand tides", CHAT, has_chat=True)
    texts = [page.owner_box.itemText(place) for place in range(page.owner_box.count())]

    assert texts == ["Notes of this chat", "Notes of workspace Sea and tides"]
    with qtbot.waitSignal(page.kind_chosen) as told:
        page.owner_box.setCurrentIndex(1)
        page.owner_box.activated.emit(1)
    assert told.args == ["workspace"]


def test_tab_leaves_the_field_and_tells_it(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    page, other = NotesPage(theme, window), QLineEdit(window)
    layout.addWidget(page)
    layout.addWidget(other)
    page.show_notes("")
    with qtbot.waitExposed(window):
        window.show()
    page.field.setFocus()

    with qtbot.waitSignal(page.left):
        press(page.field, Qt.Key.Key_Tab)

    assert page.text == ""
