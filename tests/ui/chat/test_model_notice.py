"""The question above the composer: which model answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton, QToolButton

from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.variation import answer_with
from realm_desktop.events import ErrorInfo, LoadFailed, ModelLoaded
from realm_desktop.protocol import LoadModel
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat.model_notice import ModelNotice
from realm_desktop.ui.dialogs.workspace_dialog import WorkspaceDialog
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import make_model_info
from tests.support.tiny_models import tiny_gguf
from tests.support.widgets import child, click
from tests.support.windows import OpenWindow, open_window, until

CUT = ErrorInfo("CorruptFile", "the file is cut")
LLAMA = ModelLoaded(make_model_info("/models/llama.gguf", "Llama"))


async def _research(opened: OpenWindow, path: Path) -> ChatSession:
    """A shown chat whose workspace names a model, while another one is loaded."""
    opened.client.emit(LLAMA)
    workspace = await opened.library.new_workspace("Research")
    await opened.library.update_workspace(replace(workspace, model_path=str(path)))
    opened.window.chats.new_chat(workspace.workspace_id)
    await until(lambda: bool(opened.window.parts.tabs.sessions))
    return opened.window.parts.tabs.sessions[-1]


async def _asked(opened: OpenWindow, path: Path) -> tuple[ChatSession, ModelNotice]:
    """Such a chat with a message that waits while General is answered."""
    session = await _research(opened, path)
    other = await opened.library.new_conversation()
    await other.send("slow")
    await session.send("hello")
    notice = child(opened.window, ModelNotice)
    await until(notice.isVisible)
    return session, notice


def _button(notice: ModelNotice, text: str) -> QPushButton:
    return next(b for b in notice.findChildren(QPushButton) if b.text() == text)


def _loads(opened: OpenWindow) -> list[str]:
    return [c.path for c in opened.client.commands if isinstance(c, LoadModel)]


@pytest.mark.asyncio_qt
async def test_busy_engine_is_told_with_both_names_and_waited_for(
    tmp_path: Path, theme: Theme
) -> None:
    path = tiny_gguf(tmp_path)
    async with open_window(tmp_path, theme, starter_path=path) as opened:
        _, notice = await _asked(opened, path)
        name = "tiny-llama-f32"
        assert notice.text == f"Research uses {name}, Llama is loaded: replies are being written"

        click(_button(notice, f"Load {name} when they are done"))
        assert notice.isHidden()
        assert _loads(opened) == []
        opened.client.reply("done")
        await until(lambda: _loads(opened) == [str(path)])


@pytest.mark.asyncio_qt
async def test_loaded_model_can_answer_instead(tmp_path: Path, theme: Theme) -> None:
    path = tiny_gguf(tmp_path)
    async with open_window(tmp_path, theme, starter_path=path) as opened:
        session, notice = await _asked(opened, path)

        click(_button(notice, "Use Llama now"))

        await until(lambda: bool(session.replies) and notice.isHidden())
        assert _loads(opened) == []


@pytest.mark.asyncio_qt
async def test_model_that_is_gone_is_named_and_another_can_be_chosen(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        session = await _research(opened, tmp_path / "Qwen.gguf")
        await session.send("hello")
        notice = child(opened.window, ModelNotice)
        await until(notice.isVisible)
        assert notice.text == "Research uses Qwen, which is not here any more"

        click(_button(notice, "Choose another"))
        dialog = child(opened.window, WorkspaceDialog)
        dialog.model_box.choose("")
        click(dialog.save_button)
        await until(lambda: bool(opened.client.requests) and notice.isHidden())


@pytest.mark.asyncio_qt
async def test_refused_model_can_be_replaced_by_the_loaded_one(
    tmp_path: Path, theme: Theme
) -> None:
    path = tiny_gguf(tmp_path)
    async with open_window(tmp_path, theme, starter_path=path) as opened:
        session = await _research(opened, path)
        await session.send("hello")
        await until(lambda: _loads(opened) == [str(path)])
        opened.client.emit(LoadFailed(str(path), CUT, is_unloaded=False))
        notice = child(opened.window, ModelNotice)
        assert notice.text == "Research uses tiny, which could not be loaded"

        click(_button(notice, "Use Llama"))
        await until(lambda: bool(session.replies) and notice.isHidden())


@pytest.mark.asyncio_qt
async def test_model_wished_for_one_reply_is_not_laid_to_the_workspace(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LLAMA)
        session = await opened.library.new_conversation()
        opened.window.chats.open(session.conversation.conversation_id)
        await session.send("hello")
        opened.client.reply("hi")
        await until(lambda: not session.is_busy)
        reply_id = session.transcript.messages[-1].message_id
        await answer_with(session, reply_id, LaneSettings(), "/models/Qwen.gguf")
        notice = child(opened.window, ModelNotice)
        await until(notice.isVisible)

        assert notice.text == "This reply uses Qwen, which is not here any more"
        names = [b.text() for b in notice.findChildren(QPushButton) if b.isVisible()]
        assert names == ["Use Llama"]


@pytest.mark.asyncio_qt
async def test_closed_question_stays_closed_while_others_write(
    tmp_path: Path, theme: Theme
) -> None:
    path = tiny_gguf(tmp_path)
    async with open_window(tmp_path, theme, starter_path=path) as opened:
        session, notice = await _asked(opened, path)
        click(child(notice, QToolButton))
        await opened.library.rename(session.conversation.conversation_id, "Tides")

        assert notice.isHidden()


@pytest.mark.asyncio_qt
async def test_header_and_composer_name_the_model_of_the_workspace(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _research(opened, tmp_path / "Qwen.gguf")
        (pane,) = opened.window.parts.tabs.panes

        await until(lambda: pane.header.pill.accessibleName() == "Model: Qwen not loaded")
        page = pane.current_page
        assert isinstance(page, ChatTab)
        assert page.composer.edit.placeholderText() == "Message Qwen"
