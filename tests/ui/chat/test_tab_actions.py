"""Actions of messages, as a chat in its tab obeys them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from realm_desktop.events import TokenLogprob
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.theme import Theme
from tests.support.chat_tabs import TabChat, open_chat, until
from tests.support.pictures import has_colour
from tests.support.widgets import press

KEY = Qt.Key
EVEN = ((1, -math.log(2)), (2, -math.log(2)))
TOKENS = [
    TokenLogprob(1, -0.7, EVEN, "**one", ("**one", "x")),
    TokenLogprob(2, -0.7, EVEN, "** two", ("** two", "x")),
]


@pytest.mark.asyncio_qt
async def test_regenerate_makes_a_new_version(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await chat.exchange("Why?", "Because.")
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
        await chat.exchange("Why?", "Because.")

        for is_starred in (True, False):
            chat.act(MessageAction.STAR, 1)
            await until(lambda wanted=is_starred: _is_starred(chat) is wanted)  # type: ignore[misc]  # a default


def _is_starred(chat: TabChat) -> bool:
    return chat.session.transcript.messages[1].is_starred


@pytest.mark.asyncio_qt
async def test_edit_of_a_message_makes_a_new_version(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await chat.exchange("Why?", "Because.")
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
        await chat.exchange("Why?", "Because.")
        chat.tab.composer.set_text("half a thought")
        chat.act(MessageAction.EDIT, 0)
        await until(lambda: chat.session.conversation.unsent_text == "half a thought")
        press(chat.tab.composer.edit, KEY.Key_Escape)

        assert chat.tab.composer.text == "half a thought"
        assert not chat.tab.composer.is_editing


@pytest.mark.asyncio_qt
async def test_copy_gives_the_exact_original(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await chat.exchange("Why?", "# *a*\n" + "x" * 9_000 + "\n```\n<b>")
        chat.act(MessageAction.COPY, 1)

        assert QGuiApplication.clipboard().text() == "# *a*\n" + "x" * 9_000 + "\n```\n<b>"


@pytest.mark.asyncio_qt
async def test_tokens_are_marked_in_the_text_and_the_text_comes_back(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await chat.exchange("Why?", "**one** two")
        reply_id = chat.session.transcript.messages[1].message_id
        chat.session.traces.add(reply_id, [], TOKENS, 1)
        heat, dots = (Theme("light").colour(name) for name in ("heat-1", "draft-underline"))
        shown = chat.tab.view.viewport()
        chat.act(MessageAction.MARK_TOKENS, 1)
        await until(lambda: has_colour(shown, heat) and has_colour(shown, dots))

        chat.act(MessageAction.MARK_TOKENS, 1)
        await until(lambda: not has_colour(shown, heat) and not has_colour(shown, dots))
