"""The dialog of an import."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.exchange.chat_import import ImportReport
from realm_desktop.ui.dialogs.chat_import_dialog import ChatImportDialog
from realm_desktop.ui.theme import Theme
from tests.support.stores import make_conversation
from tests.support.widgets import press


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> ChatImportDialog:
    dialog = ChatImportDialog(theme, "chats.json")
    # It deletes itself when it closes.
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def _report(*remarks: str) -> ImportReport:
    chat = make_conversation()
    return ImportReport({chat.conversation_id: chat}, num_messages=2, remarks=list(remarks))


def test_progress_of_the_reader_is_shown(dialog: ChatImportDialog, qtbot: QtBot) -> None:
    dialog.set_progress(3, 4)

    qtbot.waitUntil(lambda: dialog.bar.value() == 750)


def test_escape_cancels_what_runs(dialog: ChatImportDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.cancelled):
        press(dialog, Qt.Key.Key_Escape)

    assert not dialog.isVisible()


def test_closing_after_the_end_cancels_nothing(dialog: ChatImportDialog, qtbot: QtBot) -> None:
    dialog.show_report(_report())

    with qtbot.assertNotEmitted(dialog.cancelled):
        dialog.close_button.click()


def test_report_tells_numbers_and_what_was_left_out(dialog: ChatImportDialog) -> None:
    dialog.show_report(_report("unknown field 'x' of a message"))

    assert dialog.status.text().startswith("Imported chats: 1, messages: 2.")
    assert dialog.remarks.toPlainText() == "unknown field 'x' of a message"
    assert dialog.undo_button.isVisible()
    assert dialog.bar.isHidden()


def test_failure_offers_nothing_to_undo(dialog: ChatImportDialog) -> None:
    dialog.show_failure("The file is none.")

    assert dialog.status.text() == "The file is none."
    assert dialog.undo_button.isHidden()
