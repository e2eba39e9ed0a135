"""Whether replies of a chat are thought over, and how that is chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.thinking_choice import choose_thinking, is_thinking
from realm_desktop.events import ModelLoaded
from realm_desktop.schema.table import THINKING_KEY
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import make_model_info


def _load(chat: Chat, thinks_by_default: bool | None) -> None:
    info = replace(make_model_info(), thinks_by_default=thinks_by_default)
    chat.client.emit(ModelLoaded(info))


@pytest.mark.parametrize("default", [None, True, False])
def test_chat_without_a_wish_does_as_the_model_does(tmp_path: Path, default: bool | None) -> None:
    async def work(chat: Chat) -> None:
        _load(chat, default)

        assert is_thinking(chat.session) is default

        await chat.session.send("Why?")
        assert chat.client.requests[-1].is_thinking is None

    with_chat(tmp_path, work)


def test_choice_goes_with_the_next_request(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        _load(chat, True)
        await choose_thinking(chat.session, is_on=False)
        await chat.session.send("Why?")

        assert is_thinking(chat.session) is False
        assert chat.client.requests[-1].is_thinking is False

    with_chat(tmp_path, work)


def test_choice_that_is_the_inherited_one_leaves_no_trace(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        _load(chat, True)
        await choose_thinking(chat.session, is_on=False)
        kept = chat.session.conversation.settings
        await choose_thinking(chat.session, is_on=True)

        assert kept == {THINKING_KEY: "off"}
        assert chat.session.conversation.settings == {}

    with_chat(tmp_path, work)


def test_workspace_decides_where_the_chat_does_not(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        _load(chat, True)
        quick = replace(chat.session.workspace, settings={THINKING_KEY: "off"})
        await chat.library.update_workspace(quick)
        inherited = is_thinking(chat.session)
        await choose_thinking(chat.session, is_on=True)

        assert inherited is False
        assert chat.session.conversation.settings == {THINKING_KEY: "on"}

    with_chat(tmp_path, work)
