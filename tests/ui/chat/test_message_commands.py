"""What menus and buttons of messages do in a chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from shiboken6 import Shiboken

from realm_desktop.events import ModelLoaded
from realm_desktop.store.records import Attachment
from realm_desktop.ui.chat.insert_dialog import InsertDialog
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.chat.template_window import TemplateWindow
from realm_desktop.ui.chat.variation_dialog import VariationDialog
from realm_desktop.ui.widgets.toast import Toast
from tests.support.chat_tabs import TabChat, open_chat, until
from tests.support.fake_client import make_model_info
from tests.support.gguf_files import write_gguf
from tests.support.model_switches import Shop
from tests.support.widgets import child, click

ACTION = MessageAction


@asynccontextmanager
async def _two_rounds(folder: Path) -> AsyncIterator[TabChat]:
    """A chat with the messages one, 1, two, 2."""
    async with open_chat(folder) as chat:
        for text, reply in (("one", "1"), ("two", "2")):
            await chat.session.send(text, (Attachment("a.py", "x"),))
            chat.client.reply(reply)
            await until(lambda: not chat.session.is_busy)
        yield chat


async def _done(chat: TabChat) -> None:
    await until(lambda: chat.tab.num_tasks == 0)


def _toast_texts(chat: TabChat) -> list[str]:
    return [label.text() for label in _toast(chat).findChildren(QLabel)]


def _toast(chat: TabChat) -> Toast:
    return next(t for t in chat.tab.findChildren(Toast) if t.isVisible())


@pytest.mark.asyncio_qt
async def test_deleted_message_comes_back_with_undo(tmp_path: Path) -> None:
    async with _two_rounds(tmp_path) as chat:
        chat.act(ACTION.DELETE, 1)
        await _done(chat)
        assert chat.contents == ["one", "two", "2"]
        _toast(chat).undone.emit()
        await _done(chat)

        assert chat.contents == ["one", "1", "two", "2"]


@pytest.mark.asyncio_qt
async def test_everything_below_is_deleted_and_counted(tmp_path: Path) -> None:
    async with _two_rounds(tmp_path) as chat:
        chat.act(ACTION.DELETE_BELOW, 1)
        await _done(chat)

        assert chat.contents == ["one"]
        assert any("3 message" in text for text in _toast_texts(chat))


@pytest.mark.asyncio_qt
async def test_edit_of_a_deleted_message_ends(tmp_path: Path) -> None:
    async with _two_rounds(tmp_path) as chat:
        chat.act(ACTION.EDIT, 2)
        chat.act(ACTION.DELETE, 2)
        await _done(chat)

        assert not chat.tab.composer.is_editing


@pytest.mark.asyncio_qt
async def test_chat_is_answered_without_its_oldest_messages(tmp_path: Path) -> None:
    async with _two_rounds(tmp_path) as chat:
        chat.client.emit(ModelLoaded(replace(make_model_info(), context_length=40)))
        chat.act(ACTION.LEAVE_OUT, 3)
        await _done(chat)

        assert [one.role for one in chat.client.requests[-1].messages] == ["user"]
        assert chat.session.transcript.messages[-1].num_left_out == 2


@pytest.mark.asyncio_qt
async def test_template_of_the_loaded_model_is_shown(tmp_path: Path) -> None:
    header = {"general.architecture": "llama", "tokenizer.chat_template": "a\nb"}
    tensors = {"w": np.ones((4, 4), dtype=np.float32)}
    path = write_gguf(tmp_path / "odd.gguf", header, tensors)
    async with _two_rounds(tmp_path) as chat:
        chat.client.emit(ModelLoaded(make_model_info(str(path))))
        chat.act(ACTION.SHOW_TEMPLATE, 3)
        await _done(chat)

        (window,) = chat.tab.findChildren(TemplateWindow)
        assert window.text.toPlainText() == "a\nb"


@pytest.mark.asyncio_qt
async def test_message_is_inserted_without_a_reply(tmp_path: Path) -> None:
    async with _two_rounds(tmp_path) as chat:
        chat.act(ACTION.INSERT, 1)
        (dialog,) = chat.tab.findChildren(InsertDialog)
        dialog.role.choose("system")
        dialog.text.setPlainText("Be brief.")
        click(next(b for b in dialog.findChildren(QPushButton) if b.text() == "Insert"))
        await _done(chat)

        assert chat.contents == ["one", "1", "Be brief.", "two", "2"]
        assert chat.session.transcript.messages[2].role == "system"
        assert len(chat.client.requests) == 2


@pytest.mark.asyncio_qt
async def test_role_of_a_message_is_changed(tmp_path: Path) -> None:
    async with _two_rounds(tmp_path) as chat:
        chat.act(ACTION.ROLE_SYSTEM, 0)
        await _done(chat)

        assert chat.session.transcript.messages[0].role == "system"


@pytest.mark.asyncio_qt
async def test_message_is_copied_as_written_or_with_its_files(tmp_path: Path) -> None:
    async with _two_rounds(tmp_path) as chat:
        chat.act(ACTION.COPY, 0)
        assert QGuiApplication.clipboard().text() == "one"
        chat.act(ACTION.COPY_WITH_FILES, 0)

        assert QGuiApplication.clipboard().text() == "a.py\n```py\nx\n```\n\none"


@pytest.mark.asyncio_qt
@pytest.mark.parametrize(("reply", "words"), [("2", "same reply"), ("2x y", "from token 2 on")])
async def test_reply_is_made_again_and_compared(tmp_path: Path, reply: str, words: str) -> None:
    async with _two_rounds(tmp_path) as chat:
        chat.act(ACTION.RUN_AGAIN, 3)
        await until(lambda: len(chat.client.requests) == 3)
        chat.client.reply(*reply.split())
        await _done(chat)

        assert any(words in text for text in _toast_texts(chat))


@pytest.mark.asyncio_qt
@pytest.mark.parametrize(("reply", "words"), [("2", "The same reply"), ("3", "Another reply")])
async def test_changed_prompt_is_told_with_the_comparison(
    tmp_path: Path, reply: str, words: str
) -> None:
    async with _two_rounds(tmp_path) as chat:
        own = {"system.prompt": "Rhyme.", "system.output_form": "regex", "system.output_text": ".*"}
        await chat.session.saved.change(lambda now: replace(now, settings=own))
        chat.act(ACTION.RUN_AGAIN, 3)
        await until(lambda: len(chat.client.requests) == 3)
        chat.client.reply(*(reply if reply == "2" else ("3", "4")))
        await _done(chat)

        (told,) = [t for t in _toast_texts(chat) if words in t]
        assert told.endswith(". Changed since then: the system prompt, the form of the reply")


@pytest.mark.asyncio_qt
async def test_copy_takes_the_answer_and_markdown_everything(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await chat.session.send("one")
        chat.client.reply("<think>Hm.</think>\n\n", "**So.**")
        await until(lambda: not chat.session.is_busy)
        chat.act(ACTION.COPY, 1)
        assert QGuiApplication.clipboard().text() == "**So.**"
        chat.act(ACTION.COPY_MARKDOWN, 1)

        assert QGuiApplication.clipboard().text() == "<think>Hm.</think>\n\n**So.**"


@pytest.mark.asyncio_qt
async def test_reply_that_only_thought_is_copied_as_it_is(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await chat.session.send("one")
        chat.client.reply("<think>Hm.")
        await until(lambda: not chat.session.is_busy)
        chat.act(ACTION.COPY, 1)

        assert QGuiApplication.clipboard().text() == "<think>Hm."


@pytest.mark.asyncio_qt
async def test_regenerate_with_asks_and_makes_a_version(tmp_path: Path) -> None:
    async with _two_rounds(tmp_path) as chat:
        chat.act(ACTION.REGENERATE_WITH, 3)
        dialog = child(chat.tab, VariationDialog)
        assert dialog.model_box.currentText() == "Tiny"
        dialog.temperature.setValue(1.3)
        click(next(b for b in dialog.findChildren(QPushButton) if b.text() == "Regenerate"))
        await until(lambda: len(chat.client.requests) == 3)
        chat.client.reply("two again")
        await until(lambda: not chat.session.is_busy)

        assert chat.contents == ["one", "1", "two", "two again"]
        assert chat.client.requests[-1].sampling.temperature == 1.3


@pytest.mark.asyncio_qt
async def test_regenerate_with_offers_the_models_that_are_there(tmp_path: Path) -> None:
    async with _two_rounds(tmp_path) as chat:
        Shop().serve(chat.session.models)
        chat.act(ACTION.REGENERATE_WITH, 3)
        dialog = child(chat.tab, VariationDialog)
        await _done(chat)

        names = [dialog.model_box.itemText(place) for place in range(dialog.model_box.count())]
        assert names == ["Tiny", "qwen"]


@pytest.mark.asyncio_qt
async def test_list_of_models_that_comes_late_finds_no_dialog(tmp_path: Path) -> None:
    async with _two_rounds(tmp_path) as chat:
        Shop().serve(chat.session.models)
        chat.act(ACTION.REGENERATE_WITH, 3)
        dialog = child(chat.tab, VariationDialog)
        Shiboken.delete(dialog)

        await _done(chat)
        assert chat.tab.composer.notice == ""
