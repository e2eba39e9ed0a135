"""The window that shows the text of an attachment."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from realm_desktop.store.records import Attachment
from realm_desktop.ui.chat.attachment_window import AttachmentWindow
from realm_desktop.ui.chat.text_window import MAX_SHOWN, shown_text
from realm_desktop.ui.theme import Theme
from tests.support.widgets import click


def _open(theme: Theme, shelf: QWidget, text: str, name: str = "a.py") -> AttachmentWindow:
    shelf.show()
    window = AttachmentWindow(theme, Attachment(name, text), shelf)
    window.show()
    return window


def test_whole_text_is_shown_with_its_size(theme: Theme, shelf: QWidget) -> None:
    window = _open(theme, shelf, "a = 1\nb = 2\n")

    assert window.text.toPlainText() == "a = 1\nb = 2\n"
    assert window.windowTitle() == "a.py"
    assert "12 B · 2 line" in window.findChildren(QLabel)[0].text()


def test_text_cannot_be_changed_and_is_copied_as_it_was(theme: Theme, shelf: QWidget) -> None:
    text = "x\u202e" + "y" * MAX_SHOWN
    window = _open(theme, shelf, text)
    click(next(b for b in window.findChildren(QPushButton) if b.text() == "Copy all"))

    assert window.text.isReadOnly()
    assert QGuiApplication.clipboard().text() == text


def test_end_of_a_long_text_is_left_out_and_said_so(theme: Theme, shelf: QWidget) -> None:
    window = _open(theme, shelf, "words of a line\n" * 200_000)

    assert "only the first 262144 characters" in window.findChildren(QLabel)[0].text()
    assert len(window.text.toPlainText()) == MAX_SHOWN


@pytest.mark.parametrize("unit", ["x", "a b", "\U0001f600", "\u202eא"])
def test_endless_line_is_broken_for_display(unit: str) -> None:
    shown = shown_text(unit * 100_000)

    assert max(len(line) for line in shown.split("\n")) <= 6_000
    assert shown.replace("\n", "")[:9] == shown_text(unit * 9)[:9]


def test_line_without_a_space_does_not_stop_the_window(theme: Theme, shelf: QWidget) -> None:
    start_s = time.thread_time()
    window = _open(theme, shelf, "x" * 4_000_000)
    QCoreApplication.processEvents()

    assert time.thread_time() - start_s < 1.0
    window.close()
