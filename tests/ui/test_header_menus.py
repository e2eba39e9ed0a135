"""The menus below the header of a chat."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from realm_desktop.store.records import GENERAL_WORKSPACE_ID, ConversationId
from realm_desktop.ui.theme import Theme
from tests.support.stores import make_conversation
from tests.support.widgets import press
from tests.support.windows import OpenWindow, open_window, until

C1 = ConversationId("c1")


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
