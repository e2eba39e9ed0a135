"""Bar E3: every way to follow a link, with every kind of address: only web and mail, only after the dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.theme import Theme
from tests.support.chat_views import make_session, question_and_answer, shown_tab
from tests.support.stores import database_path
from tests.support.widgets import click

ALLOWED = ("https://example.org/a?b=c", "http://127.0.0.1:8080/", "mailto:someone@example.org")
REFUSED = (
    *("file:///etc/passwd", "file://host/share/x", "FILE:/etc/passwd", "javascript:alert(1)"),
    *("JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "ms-settings:x", "realm:run?x"),
    *("ftp://example.org/x", "//host/share", "/etc/passwd", "https://user@evil.example/"),
    *("https://bank.example:x@evil.example/", "https://", "smb://host/share", "about:blank"),
)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that were handed to the system."""
    urls: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url.toString()))
    return urls


@pytest.fixture
def show(qtbot: QtBot, theme: Theme, tmp_path: Path) -> Callable[[str], ChatTab]:
    """Shows a reply that is one link."""
    database = Database.open(database_path(tmp_path))

    def make(address: str) -> ChatTab:
        messages = question_and_answer(f"[a link to follow](<{address}>)")
        return shown_tab(make_session(ConversationStore(database), *messages), theme, qtbot)

    database.close()
    return make


def _link_point(tab: ChatTab) -> QPoint:
    """A point of the viewport on the link."""
    item = tab.view.item(1)
    assert item is not None
    origin = tab.view.visualRect(tab.view.transcript_model.index(1)).topLeft()
    return (QPointF(origin) + item.text_origin + QPointF(12, 8)).toPoint()


def left_click(tab: ChatTab) -> None:
    click(tab.view.viewport(), _link_point(tab))


def middle_click(tab: ChatTab) -> None:
    click(tab.view.viewport(), _link_point(tab), Qt.MouseButton.MiddleButton)


def drag(tab: ChatTab) -> None:
    viewport, point = tab.view.viewport(), _link_point(tab)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    QTest.mouseMove(viewport, point + QPoint(60, 0))
    QTest.mouseRelease(
        viewport,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        point + QPoint(200, 200),
    )


def _menu_entry(tab: ChatTab, reason: QContextMenuEvent.Reason) -> None:
    tab.view.setCurrentIndex(tab.model.index(1))
    point = _link_point(tab)
    event = QContextMenuEvent(reason, point, tab.view.viewport().mapToGlobal(point))
    tab.view.contextMenuEvent(event)
    for menu in tab.findChildren(QMenu):
        for action in menu.actions():
            if "link" in action.text().lower() or "open" in action.text().lower():
                action.trigger()
        menu.close()


def menu_by_mouse(tab: ChatTab) -> None:
    _menu_entry(tab, QContextMenuEvent.Reason.Mouse)


def menu_by_key(tab: ChatTab) -> None:
    _menu_entry(tab, QContextMenuEvent.Reason.Keyboard)


SINKS = (left_click, middle_click, drag, menu_by_mouse, menu_by_key)
Sink = Callable[[ChatTab], None]


def _agree(tab: ChatTab) -> list[str]:
    """Press Open in every dialog; what the dialogs said."""
    texts = []
    for dialog in tab.findChildren(QMessageBox):
        texts.append(dialog.informativeText())
        assert dialog.textFormat() == Qt.TextFormat.PlainText
        for button in dialog.findChildren(QPushButton):
            if button.text() == "Open":
                button.click()
        dialog.close()
    return texts


@pytest.mark.parametrize("sink", SINKS, ids=lambda sink: sink.__name__)
def test_only_web_and_mail_are_opened_behind_the_dialog(
    show: Callable[[str], ChatTab], opened: list[str], sink: Sink
) -> None:
    for address in (*ALLOWED, *REFUSED):
        tab, before = show(address), list(opened)
        sink(tab)
        assert opened == before
        for text in _agree(tab):
            assert address in text

    assert set(opened) <= {QUrl(address).toString() for address in ALLOWED}


def test_a_click_opens_what_is_allowed(show: Callable[[str], ChatTab], opened: list[str]) -> None:
    for address in ALLOWED:
        tab = show(address)
        left_click(tab)
        _agree(tab)

    assert opened == [QUrl(address).toString() for address in ALLOWED]
