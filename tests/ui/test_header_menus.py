"""The menus of the shown chat, below its header and of its tab."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from realm_desktop.store.records import GENERAL_WORKSPACE_ID, ConversationId
from realm_desktop.ui.theme import Theme
from tests.support.stores import make_conversation
from tests.support.widgets import press
from tests.support.windows import OpenWindow, open_window, until

C1 = ConversationId("c1")
REASON = QContextMenuEvent.Reason


async def _shown(opened: OpenWindow) -> None:
    opened.window.chats.open(C1)
    await until(lambda: opened.window.parts.tabs.strip.count() == 1)


def _menu(opened: OpenWindow) -> QMenu:
    """The one that is open."""
    return next(menu for menu in opened.window.findChildren(QMenu) if menu.isVisible())


def _entry(menu: QMenu, text: str) -> QAction:
    return next(entry for entry in menu.actions() if entry.text().strip() == text)


@pytest.mark.asyncio_qt
async def test_menu_holds_the_actions_of_the_chat(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        await _shown(opened)

        opened.window.parts.tabs.header.menu_requested.emit()

        texts = [action.text() for action in _menu(opened).actions()]
        assert {"Rename…", "Pin", "Move to…", "Regenerate with…", "Move to Trash"} <= set(texts)
        _menu(opened).close()


@pytest.mark.asyncio_qt
async def test_chat_is_moved_to_another_workspace(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        workspace = await opened.library.new_workspace("Tea & cake")
        await _shown(opened)
        opened.window.commands.actions["move-chat"].trigger()

        _entry(_menu(opened), "Tea && cake").trigger()

        await until(lambda: opened.library.get(C1).workspace_id == workspace.workspace_id)
        await until(opened.window.chats.undo.toast.isVisible)


@pytest.mark.asyncio_qt
async def test_chat_is_moved_to_a_folder_by_keys(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        folder = await opened.library.folders.new(GENERAL_WORKSPACE_ID, "Season")
        await _shown(opened)
        opened.window.commands.actions["move-chat"].trigger()

        for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
            press(_menu(opened), key)

        await until(lambda: opened.library.get(C1).folder_id == folder.folder_id)


@pytest.mark.asyncio_qt
async def test_without_a_chat_nothing_is_moved(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        assert not opened.window.commands.actions["move-chat"].isEnabled()
        opened.window.commands.actions["move-chat"].triggered.emit()

        assert not [menu for menu in opened.window.findChildren(QMenu) if menu.isVisible()]


def _ask_for_menu(opened: OpenWindow, index: int, reason: QContextMenuEvent.Reason) -> None:
    strip = opened.window.parts.tabs.strip
    point = strip.tabRect(index).center()
    event = QContextMenuEvent(reason, point, strip.mapToGlobal(point))
    QApplication.sendEvent(strip, event)


@pytest.mark.asyncio_qt
async def test_menu_of_a_tab_is_about_the_tab_below_the_mouse(tmp_path: Path, theme: Theme) -> None:
    chats = (make_conversation("c1", "Tides"), make_conversation("c2", "Bread"))
    async with open_window(tmp_path, theme, *chats) as opened:
        await _shown(opened)
        opened.window.chats.open("c2")
        await until(lambda: opened.window.parts.tabs.strip.count() == 2)
        _ask_for_menu(opened, 0, REASON.Mouse)

        session = opened.window.parts.tabs.current_session
        assert session is not None
        assert session.conversation.conversation_id == C1
        _entry(_menu(opened), "Close tab").trigger()
        assert [s.conversation.title for s in opened.window.parts.tabs.sessions] == ["Bread"]


@pytest.mark.asyncio_qt
async def test_tab_moves_to_a_window_and_back_by_its_menu(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        await _shown(opened)
        _ask_for_menu(opened, 0, REASON.Keyboard)
        tabs = opened.window.parts.tabs
        texts = [entry.text() for entry in _menu(opened).actions()]
        assert "Move back to the main window" not in texts
        _entry(_menu(opened), "Move to a new window").trigger()
        await until(lambda: len(tabs.windows) == 1)

        opened.window.commands.update()
        _ask_for_menu(opened, 0, REASON.Keyboard)
        _entry(_menu(opened), "Move back to the main window").trigger()
        await until(lambda: not tabs.windows)


@pytest.mark.asyncio_qt
async def test_strip_beside_its_tabs_has_no_menu(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        await _shown(opened)
        strip = opened.window.parts.tabs.strip
        beside = strip.tabRect(0).topRight() + QPoint(40, 4)
        QApplication.sendEvent(strip, QContextMenuEvent(REASON.Mouse, beside, beside))

        assert not [menu for menu in opened.window.findChildren(QMenu) if menu.isVisible()]
