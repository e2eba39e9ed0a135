"""Actions of messages, as a chat in its tab obeys them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from realm_desktop.ui.chat.message_actions import MessageAction
from tests.support.chat_tabs import TabChat, open_chat, until
from tests.support.widgets import press

KEY = Qt.Key


@pytest.mark.asyncio_qt
async def test_regenerate_makes_a_new_version(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.client.reply("Because.")
        await until(lambda: not chat.session.is_busy)
        chat.act(MessageAction.REGENERATE, 1)
        await until(lambda: len(chat.client.requests) == 2)
        chat.client.reply("Therefore.")
        await until(lambda: not chat.session.is_busy)

        assert chat.tab.model.state(1).num_versions == 2
        chat.act(MessageAction.PREVIOUS, 1)
        await until(lambda: chat.contents[-1] == "Because.")


@pytest.mark.asyncio_qt
async def test_star_is_put_on_and_taken_off(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.client.reply("Because.")
        await until(lambda: not chat.session.is_busy)

        for is_starred in (True, False):
            chat.act(MessageAction.STAR, 1)
            await until(lambda wanted=is_starred: _is_starred(chat) is wanted)  # type: ignore[misc]  # a default


def _is_starred(chat: TabChat) -> bool:
    return chat.session.transcript.messages[1].is_starred


@pytest.mark.asyncio_qt
async def test_edit_of_a_message_makes_a_new_version(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.client.reply("Because.")
        await until(lambda: not chat.session.is_busy)
        press(chat.tab.composer.edit, KEY.Key_Up)
        assert chat.tab.composer.text == "Why?"

        chat.type_and_send("How?")
        await until(lambda: len(chat.client.requests) == 2)
        assert chat.contents[0] == "How?"
        assert chat.tab.model.state(0).num_versions == 2
        chat.client.reply("So.")
        await until(lambda: not chat.session.is_busy)


@pytest.mark.asyncio_qt
async def test_escape_ends_an_edit_and_brings_the_unsent_text_back(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.client.reply("Because.")
        await until(lambda: not chat.session.is_busy)
        chat.tab.composer.set_text("half a thought")
        chat.act(MessageAction.EDIT, 0)
        await until(lambda: chat.session.conversation.unsent_text == "half a thought")
        press(chat.tab.composer.edit, KEY.Key_Escape)

        assert chat.tab.composer.text == "half a thought"
        assert not chat.tab.composer.is_editing


@pytest.mark.asyncio_qt
async def test_copy_gives_the_exact_original(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.client.reply("# *a*\n" + "x" * 9_000 + "\n```\n<b>")
        await until(lambda: not chat.session.is_busy)
        chat.act(MessageAction.COPY, 1)

        assert QGuiApplication.clipboard().text() == "# *a*\n" + "x" * 9_000 + "\n```\n<b>"
