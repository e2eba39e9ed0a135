"""Versions of messages: regenerated, edited, selected; never while a reply runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.chat.continuation import continue_reply
from realm_desktop.chat.message_edits import select_version
from realm_desktop.errors import RequestError
from realm_desktop.events import ModelLoaded
from realm_desktop.store.records import MessageId
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import make_model_info


def test_regenerated_reply_is_a_version_with_another_seed(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("hello", "first")
        await chat.session.regenerate(chat.last.message_id)
        chat.client.reply("second")
        await chat.idle()

        assert chat.texts == ["hello", "second"]
        assert chat.session.transcript.version_of(chat.last.message_id) == (1, 2)
        seeds = {request.sampling.seed for request in chat.client.requests}
        assert len(seeds) == 2

    with_chat(tmp_path, work)


def test_regenerated_and_edited_requests_carry_the_earlier_replies(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("hello", "first")
        await chat.session.regenerate(chat.last.message_id)
        chat.client.reply("second")
        await chat.idle()
        await chat.session.edit(chat.session.transcript.messages[0].message_id, "hello!")
        chat.client.reply("third")
        await chat.idle()

        corpora = [request.draft_corpus for request in chat.client.requests]
        assert corpora == [(), ("first",), ("second", "first")]

    with_chat(tmp_path, work)


def test_user_message_without_a_reply_gets_one(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("early")
        await chat.session.stop()
        chat.client.emit(ModelLoaded(make_model_info()))
        await chat.session.regenerate(chat.last.message_id)
        chat.client.reply("late")
        await chat.idle()

        assert chat.texts == ["early", "late"]

    with_chat(tmp_path, work, has_model=False)


def test_edited_user_message_is_a_version_with_a_reply_of_its_own(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("hello", "first")
        first_id = chat.session.transcript.messages[0].message_id
        await chat.session.edit(first_id, "hello again")
        chat.client.reply("second")
        await chat.idle()

        assert chat.texts == ["hello again", "second"]
        assert chat.client.requests[1].messages[-1].content == "hello again"
        assert len(await chat.stored()) == 4

    with_chat(tmp_path, work)


def test_edited_reply_is_a_version_without_a_request(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("hello", "first")
        await chat.session.edit(chat.last.message_id, "mine")

        assert chat.texts == ["hello", "mine"]
        assert chat.last.is_edited
        assert chat.last.stats is None
        assert len(chat.client.requests) == 1
        assert (await chat.store.conversations())[0].leaf_id == chat.last.message_id

    with_chat(tmp_path, work)


def test_selected_version_is_shown_again_after_a_restart(tmp_path: Path) -> None:
    async def first(chat: Chat) -> None:
        await chat.exchange("hello", "first")
        await chat.session.edit(chat.last.message_id, "second")
        await select_version(chat.session, chat.last.message_id, -1)

    async def second(chat: Chat) -> None:
        older = chat.library.conversations[-1]
        session = await chat.library.open(older.conversation_id)

        assert [m.content for m in session.transcript.messages] == ["hello", "first"]

    with_chat(tmp_path, first)
    with_chat(tmp_path, second)


def test_nothing_else_is_changed_while_a_reply_runs(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        message_id = chat.session.transcript.messages[0].message_id

        for call in (
            chat.session.regenerate(message_id),
            chat.session.edit(message_id, "x"),
            continue_reply(chat.session),
            select_version(chat.session, message_id, 1),
        ):
            with pytest.raises(RequestError, match="while a reply runs"):
                await call

    with_chat(tmp_path, work)


def test_unknown_message_is_not_regenerated(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        with pytest.raises(KeyError):
            await chat.session.regenerate(MessageId("nobody"))

    with_chat(tmp_path, work)
