"""Tests of what the window does with chats and workspaces."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from realm_desktop.events import ModelLoaded
from realm_desktop.protocol import Abort, LoadModel, Priority
from realm_desktop.store.records import ConversationId, MessageId
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat.variation_dialog import VariationDialog
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.dialogs.workspace_dialog import WorkspaceDialog
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.toast import Toast
from tests.support.fake_client import make_model_info
from tests.support.panes import make_chats, open_tabs
from tests.support.stores import make_conversation, make_message
from tests.support.tiny_models import tiny_gguf
from tests.support.widgets import child, click
from tests.support.windows import OpenWindow, open_window, until

C1 = ConversationId("c1")


def _titles(opened: OpenWindow) -> list[str]:
    return [session.conversation.title for session in opened.window.parts.tabs.sessions]


def _loads(opened: OpenWindow) -> list[str]:
    return [c.path for c in opened.client.commands if isinstance(c, LoadModel)]


def _deleted(opened: OpenWindow) -> list[ConversationId]:
    return [c.conversation_id for c in opened.library.conversations if c.deleted_s is not None]


@pytest.mark.asyncio_qt
async def test_new_chat_opens_an_empty_tab(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.chats.new_chat()
        await until(lambda: len(_titles(opened)) == 1)

        assert len(opened.library.conversations) == 1


@pytest.mark.asyncio_qt
async def test_new_chat_uses_the_empty_one_that_is_there(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1")) as opened:
        opened.window.chats.new_chat()
        await until(lambda: len(_titles(opened)) == 1)

        assert [c.conversation_id for c in opened.library.conversations] == [C1]


@pytest.mark.asyncio_qt
async def test_new_chat_leaves_unsent_text_alone(tmp_path: Path, theme: Theme) -> None:
    drafted = make_conversation("c1", unsent_text="half a thought")
    async with open_window(tmp_path, theme, drafted) as opened:
        opened.window.chats.new_chat()
        await until(lambda: len(_titles(opened)) == 1)

        assert len(opened.library.conversations) == 2


@pytest.mark.asyncio_qt
async def test_chat_is_opened_in_one_tab_only(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.chats.open("c1")
        opened.window.chats.open("c1")
        await until(lambda: opened.window.tasks.num_running == 0)

        assert _titles(opened) == ["Tides"]


@pytest.mark.asyncio_qt
async def test_suggestion_is_sent_in_a_new_chat(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))

        opened.window.parts.tabs.prompt_suggested.emit("What can you do?")
        await until(lambda: bool(opened.client.requests))

        assert opened.client.requests[0].messages[-1].content == "What can you do?"
        opened.client.reply("A lot.")
        await until(lambda: not opened.window.parts.tabs.sessions[0].is_busy)


@pytest.mark.asyncio_qt
async def test_closing_a_tab_keeps_its_reply_running(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        opened.window.chats.ask("Why?")
        await until(lambda: bool(opened.client.requests))

        opened.window.parts.tabs.close_tab(0)
        await until(lambda: opened.window.tasks.num_running == 0)

        assert not any(isinstance(command, Abort) for command in opened.client.commands)
        opened.client.reply("Because.")
        await until(lambda: not opened.library.sessions)


@pytest.mark.asyncio_qt
async def test_closed_tab_can_be_reopened(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.chats.open("c1")
        await until(lambda: _titles(opened) == ["Tides"])
        opened.window.parts.tabs.close_tab(0)

        opened.window.chats.reopen()
        await until(lambda: _titles(opened) == ["Tides"])

        assert opened.window.parts.tabs.current_session is not None


@pytest.mark.asyncio_qt
async def test_deleted_chat_leaves_its_tab_and_offers_undo(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.chats.open("c1")
        await until(lambda: _titles(opened) == ["Tides"])

        opened.window.chats.delete("c1")
        toast = opened.window.parts.tabs.findChild(Toast)
        assert isinstance(toast, Toast)
        await until(toast.isVisible)

        assert _titles(opened) == []
        assert _deleted(opened) == [C1]


@pytest.mark.asyncio_qt
async def test_undo_brings_the_chat_and_its_tab_back(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.chats.delete("c1")
        toast = opened.window.parts.tabs.findChild(Toast)
        assert isinstance(toast, Toast)
        await until(toast.isVisible)

        toast.undone.emit()
        await until(lambda: _titles(opened) == ["Tides"] and not _deleted(opened))

        assert (await opened.store.conversations())[0].deleted_s is None


@pytest.mark.asyncio_qt
async def test_chat_is_restored_from_the_trash(tmp_path: Path, theme: Theme) -> None:
    deleted = make_conversation("c1", "Tides", deleted_s=4e9)
    async with open_window(tmp_path, theme, deleted) as opened:
        opened.window.parts.sidebar.chat_restored.emit("c1")

        await until(lambda: not _deleted(opened))


@pytest.mark.asyncio_qt
async def test_typed_title_is_stored(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.chats.open("c1")
        await until(lambda: _titles(opened) == ["Tides"])

        opened.window.parts.tabs.header.renamed.emit("Tide gauges")
        await until(lambda: _titles(opened) == ["Tide gauges"])

        assert (await opened.store.conversations())[0].title == "Tide gauges"


@pytest.mark.asyncio_qt
async def test_pin_is_stored(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.parts.sidebar.chat_pinned.emit("c1", True)

        await until(lambda: opened.library.conversations[0].is_pinned)


@pytest.mark.asyncio_qt
async def test_last_reply_is_copied_and_written_again(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        opened.window.chats.ask("Why?")
        await until(lambda: bool(opened.client.requests))
        opened.client.reply("Because", " so.")
        session = opened.window.parts.tabs.sessions[0]
        await until(lambda: not session.is_busy)

        opened.window.chats.copy_last_reply()
        opened.window.chats.regenerate()
        await until(lambda: len(opened.client.requests) == 2)

        assert QGuiApplication.clipboard().text() == "Because so."
        opened.window.chats.stop()
        await until(lambda: not session.is_busy)


@pytest.mark.asyncio_qt
async def test_last_reply_is_asked_of_another_model_that_is_loaded_first(
    tmp_path: Path, theme: Theme
) -> None:
    path = tiny_gguf(tmp_path)
    async with open_window(tmp_path, theme, starter_path=path) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        opened.window.chats.ask("Why?")
        await until(lambda: bool(opened.client.requests))
        opened.client.reply("Because.")
        session = opened.window.parts.tabs.sessions[0]
        await until(lambda: not session.is_busy)

        await until(opened.window.commands.actions["regenerate-with"].isEnabled)
        opened.window.commands.actions["regenerate-with"].trigger()
        dialog = child(opened.window, VariationDialog)
        await until(lambda: dialog.model_box.findData(str(path)) > 0)
        dialog.model_box.choose(str(path))
        click(next(b for b in dialog.findChildren(QPushButton) if b.text() == "Regenerate"))
        await until(lambda: str(path) in _loads(opened))
        assert len(opened.client.requests) == 1


@pytest.mark.asyncio_qt
async def test_commands_without_a_chat_do_nothing(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        chats = opened.window.chats
        for command in (chats.stop, chats.pause, chats.regenerate, chats.continue_reply):
            command()
        chats.regenerate_with()
        chats.copy_last_reply()
        chats.reopen()
        chats.rename_current("nothing")

        assert opened.client.requests == []
        assert opened.library.conversations == []


@pytest.mark.asyncio_qt
async def test_new_workspace_opens_its_settings(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.chats.new_workspace()
        await until(lambda: opened.window.findChild(WorkspaceDialog) is not None)
        dialog = child(opened.window, WorkspaceDialog)

        dialog.name_field.setText("Research")
        click(dialog.save_button)
        await until(lambda: opened.window.tasks.num_running == 0)

        assert [w.name for w in opened.library.workspaces][-1] == "Research"


@pytest.mark.asyncio_qt
async def test_deleting_a_workspace_asks_first(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        workspace = await opened.library.new_workspace("Research")
        opened.window.chats.delete_workspace(workspace.workspace_id)
        assert workspace in opened.library.workspaces or len(opened.library.workspaces) == 2

        click(child(opened.window, ConfirmDialog).do_button)
        await until(lambda: len(opened.library.workspaces) == 1)

        assert opened.library.workspaces[0].workspace_id == "general"


@pytest.mark.asyncio_qt
async def test_contents_are_searched_from_the_filter(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        await opened.store.add_message(make_message("m1", content="The harbour wall leaks."))
        sidebar = opened.window.parts.sidebar
        sidebar.filter_field.setText("harbour")

        sidebar.filter_field.returnPressed.emit()

        await until(lambda: sidebar.model.index_of("hit:m1").isValid())


@pytest.mark.asyncio_qt
async def test_found_message_is_shown_on_its_own_branch(tmp_path: Path, theme: Theme) -> None:
    chat = make_conversation("c1", "Tides", leaf_id=MessageId("m2"))
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        for message_id in ("m1", "m2"):
            await opened.store.add_message(make_message(message_id, content=f"text {message_id}"))
        await opened.store.save_conversation(chat)

        opened.window.parts.sidebar.message_opened.emit("c1", "m1")
        await until(lambda: isinstance(opened.window.parts.tabs.current.current_page, ChatTab))
        page = opened.window.parts.tabs.current.current_page
        assert isinstance(page, ChatTab)

        await until(lambda: page.session.transcript.leaf_id == "m1")
        await until(lambda: page.view.currentIndex().row() == 0)


@pytest.mark.asyncio_qt
async def test_failure_is_told_in_the_window(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.chats.open("gone")

        notice = opened.window.parts.tabs.notice
        await until(lambda: not notice.isHidden())

        assert "not there any more" in notice.text


@pytest.mark.asyncio_qt
async def test_chats_of_all_panes_go_first(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b", "c")) as opened:
        tabs = await open_tabs(opened, "a", "b", "c")
        opened.window.activateWindow()
        tabs.split_current("right")
        sessions = opened.library.sessions
        before = {name: sessions[ConversationId(name)].priority for name in "abc"}
        tabs.panes[0].show_place(0)
        after = {name: sessions[ConversationId(name)].priority for name in "abc"}

        first, rest = Priority.FOREGROUND, Priority.NORMAL
        assert before == {"a": rest, "b": first, "c": first}
        assert after == {"a": first, "b": rest, "c": first}


@pytest.mark.asyncio_qt
async def test_reply_in_the_other_pane_is_seen(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        tabs = await open_tabs(opened, "a", "b")
        opened.window.activateWindow()
        tabs.split_current("right")
        other = opened.library.sessions[ConversationId("a")]
        await other.send("hi")
        opened.client.reply("hello")
        await until(lambda: not other.is_busy)

        async with other.saved.lock:  # held until the end of the reply is stored
            assert tabs.current_session is not other
            assert not other.conversation.is_unseen


@pytest.mark.asyncio_qt
async def test_no_chat_is_looked_at_in_a_window_behind_others(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        await open_tabs(opened, "a")
        opened.window.activateWindow()
        opened.window.showMinimized()
        opened.window.chats.update_seen()

        session = opened.library.sessions[ConversationId("a")]
        assert session.priority is Priority.NORMAL
