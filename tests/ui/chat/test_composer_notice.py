"""Why something did not work, below the composer."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from realm_desktop.errors import NO_SPACE
from realm_desktop.events import ErrorInfo
from realm_desktop.ui.chat.composer_notice import ComposerNotice
from realm_desktop.ui.theme import Theme
from tests.support.widgets import click

FULL = ErrorInfo("StoreError", "the disk is full", "Free some space.", field=NO_SPACE)


@pytest.fixture
def notice(theme: Theme, qtbot: QtBot) -> ComposerNotice:
    notice = ComposerNotice(theme)
    qtbot.addWidget(notice)
    notice.apply_theme()
    notice.show()
    return notice


def test_full_disk_leads_to_what_takes_the_space(notice: ComposerNotice, qtbot: QtBot) -> None:
    storage = QAction(notice)
    storage.setObjectName("storage")
    notice.addAction(storage)
    notice.show_failure(FULL)

    assert notice.text == "The disk is full. Free some space."
    assert notice.remedy.text() == "Free space…"
    with qtbot.waitSignal(storage.triggered):
        click(notice.remedy)


def test_other_errors_have_words_alone(notice: ComposerNotice) -> None:
    notice.show_failure(FULL)
    notice.show_failure(ErrorInfo("NoModel", "no model is loaded"))

    assert notice.text == "No model is loaded."
    assert notice.remedy.isHidden()


def test_remedy_goes_with_its_words(notice: ComposerNotice) -> None:
    notice.show_failure(FULL)
    notice.show_text("")

    assert notice.text == ""
    assert notice.remedy.isHidden()


def test_markup_of_a_file_name_is_shown_as_it_is(notice: ComposerNotice) -> None:
    notice.show_text("<b>model</b>")

    assert notice._label.textFormat() is notice._label.textFormat().PlainText
