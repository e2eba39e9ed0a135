"""Chats that are too long for the model, answered without their oldest messages."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.continuation import continue_reply
from realm_desktop.chat.rerun import run_again
from realm_desktop.chat.shortening import answer_without_oldest
from realm_desktop.errors import NoModel, PromptTooLong, RequestError
from realm_desktop.events import (
    EngineDown,
    ErrorInfo,
    Failed,
    FinishReason,
    ModelLoaded,
    ModelUnloaded,
)
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import make_model_info

LONG = "word " * 50
TOO_LONG = ErrorInfo("PromptTooLong", "the conversation has 230 tokens; 199 fit")


async def _fail(chat: Chat, last: str = LONG) -> None:
    """Two rounds, then a message that makes the chat too long for a context of 200 tokens."""
    chat.client.emit(ModelLoaded(replace(make_model_info(), context_length=200)))
    for reply in ("1", "2"):
        await chat.exchange(LONG, reply)
    await chat.session.send(last)
    chat.client.emit(Failed(chat.request_id, TOO_LONG))
    await chat.idle()


def _asked(chat: Chat) -> list[tuple[str, int]]:
    """Roles and numbers of words of the latest request."""
    messages = chat.client.requests[-1].messages
    return [(one.role, len(one.content.split())) for one in messages]


def test_only_the_newest_messages_are_asked_and_none_is_deleted(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _fail(chat)
        await answer_without_oldest(chat.session, chat.last.message_id)

        assert _asked(chat) == [("user", 50), ("assistant", 1), ("user", 50)]
        assert chat.last.num_left_out == 2
        assert len(await chat.stored()) == 7  # the failed reply and its new version

    with_chat(tmp_path, work)


def test_number_is_stored_with_the_reply(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _fail(chat)
        await answer_without_oldest(chat.session, chat.last.message_id)

        assert [message.num_left_out for message in await chat.stored()] == [0] * 6 + [2]

    with_chat(tmp_path, work)


def test_reply_goes_on_without_the_same_messages(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _fail(chat)
        await answer_without_oldest(chat.session, chat.last.message_id)
        chat.client.reply("a", finish_reason=FinishReason.LENGTH)
        await chat.idle()
        asked = _asked(chat)
        await continue_reply(chat.session)

        assert _asked(chat) == asked

    with_chat(tmp_path, work)


def test_reply_is_made_again_without_the_same_messages(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _fail(chat)
        await answer_without_oldest(chat.session, chat.last.message_id)
        chat.client.reply("a", finish_reason=FinishReason.STOP)
        await chat.idle()
        asked = _asked(chat)
        await run_again(chat.session, chat.last.message_id)

        assert _asked(chat) == asked
        assert chat.last.num_left_out == 2

    with_chat(tmp_path, work)


def test_what_is_left_begins_with_a_message_of_the_user(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        # The reply before would fit, the message that it answers would not.
        await _fail(chat, "word " * 85)
        await answer_without_oldest(chat.session, chat.last.message_id)

        assert _asked(chat) == [("user", 85)]

    with_chat(tmp_path, work)


def test_last_message_that_is_too_long_alone_is_refused(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _fail(chat, "word " * 150)
        with pytest.raises(PromptTooLong, match="158 tokens; 142 fit"):
            await answer_without_oldest(chat.session, chat.last.message_id)

        assert len(await chat.stored()) == 6

    with_chat(tmp_path, work)


def test_system_prompt_stays_and_takes_its_room(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _fail(chat)
        settings = {"system.prompt": "rule " * 40}
        await chat.session.saved.change(lambda old: replace(old, settings=settings))
        await answer_without_oldest(chat.session, chat.last.message_id)

        assert _asked(chat) == [("system", 40), ("user", 50)]

    with_chat(tmp_path, work)


def test_without_a_model_nothing_is_asked(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _fail(chat)
        num_asked = len(chat.client.requests)
        chat.client.emit(ModelUnloaded())
        with pytest.raises(NoModel):
            await answer_without_oldest(chat.session, chat.last.message_id)

        assert len(chat.client.requests) == num_asked

    with_chat(tmp_path, work)


def test_engine_that_stops_while_it_counts_ends_the_wait(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _fail(chat)
        chat.client.answers_counts = False
        answering = asyncio.create_task(answer_without_oldest(chat.session, chat.last.message_id))
        await asyncio.sleep(0)
        chat.client.emit(EngineDown("it died"))

        with pytest.raises(NoModel):
            await answering

    with_chat(tmp_path, work)


def test_running_reply_is_not_disturbed(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _fail(chat)
        failed_id = chat.last.message_id
        await chat.session.send("next")
        with pytest.raises(RequestError, match="made again"):
            await answer_without_oldest(chat.session, failed_id)

    with_chat(tmp_path, work)
