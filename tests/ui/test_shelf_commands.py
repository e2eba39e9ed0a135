"""Tests of folders, moves, copies and the trash as the window does them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit

from realm_desktop.store.records import GENERAL_WORKSPACE_ID, ConversationId
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.theme import Theme
from tests.support.stores import make_conversation, make_message, make_reply
from tests.support.widgets import child, click
from tests.support.windows import OpenWindow, open_window, until

C1 = ConversationId("c1")


def _names(opened: OpenWindow) -> list[str]:
    return [folder.name for folder in opened.library.folders.folders]


@pytest.mark.asyncio_qt
async def test_new_folder_is_named_in_its_row(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        sidebar = opened.window.parts.sidebar
        opened.window.chats.shelf.new_folder()

        await until(lambda: sidebar.list.viewport().findChild(QLineEdit) is not None)
        child(sidebar.list.viewport(), QLineEdit).setText("Season 4")
        sidebar.setFocus()

        await until(lambda: _names(opened) == ["Season 4"])


@pytest.mark.asyncio_qt
async def test_deleted_folder_comes_back_by_undo(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        folder = await opened.library.folders.new(GENERAL_WORKSPACE_ID, "Season")
        toast = opened.window.chats.undo.toast

        opened.window.parts.sidebar.folder_deleted.emit(folder.folder_id)
        await until(toast.isVisible)
        assert _names(opened) == []
        toast.undone.emit()

        await until(lambda: _names(opened) == ["Season"])


@pytest.mark.asyncio_qt
async def test_moved_chat_goes_back_by_undo(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        folder = await opened.library.folders.new(GENERAL_WORKSPACE_ID, "Season")
        toast = opened.window.chats.undo.toast

        opened.window.parts.sidebar.chat_moved.emit("c1", "general", folder.folder_id)
        await until(toast.isVisible)
        assert opened.library.get(C1).folder_id == folder.folder_id
        toast.undone.emit()

        await until(lambda: opened.library.get(C1).folder_id is None)


@pytest.mark.asyncio_qt
async def test_copy_is_shown_under_its_own_title(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.parts.sidebar.chat_branched.emit("c1")

        await until(lambda: bool(opened.window.parts.tabs.sessions))

        session = opened.window.parts.tabs.sessions[0]
        assert session.conversation.title == "Tides (branch)"


@pytest.mark.asyncio_qt
async def test_menu_of_a_message_makes_a_chat_up_to_it(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        tabs = opened.window.parts.tabs
        await opened.store.add_message(make_message("q", None, "Why?"))
        await opened.store.add_message(make_reply("a", "q", "So."))
        opened.window.parts.sidebar.chat_opened.emit("c1")
        await until(lambda: bool(tabs.sessions))
        (page,) = tabs.findChildren(ChatTab)
        page.view.action_requested.emit(MessageAction.BRANCH, "q")
        await until(lambda: len(tabs.sessions) == 2)

        branch = tabs.sessions[1]
        assert branch.conversation.title == "Tides (branch)"
        assert [message.content for message in branch.transcript.messages] == ["Why?"]


@pytest.mark.asyncio_qt
async def test_trash_is_emptied_after_a_question(tmp_path: Path, theme: Theme) -> None:
    chats = (make_conversation("c1", "Tides", deleted_s=1e12), make_conversation("c2", "Bread"))
    async with open_window(tmp_path, theme, *chats) as opened:
        opened.window.chats.shelf.empty_trash()
        dialog = child(opened.window, ConfirmDialog)
        assert dialog.cancel_button.isDefault()

        click(dialog.do_button)

        await until(lambda: [c.conversation_id for c in opened.library.conversations] == ["c2"])


@pytest.mark.asyncio_qt
async def test_chat_of_the_trash_is_erased_after_a_question(tmp_path: Path, theme: Theme) -> None:
    gone = make_conversation("c1", "Tides", deleted_s=1e12)
    async with open_window(tmp_path, theme, gone) as opened:
        opened.window.parts.sidebar.chat_erased.emit("c1")
        dialog = child(opened.window, ConfirmDialog)

        click(dialog.do_button)

        await until(lambda: not opened.library.conversations)
        assert await opened.store.conversations() == []
