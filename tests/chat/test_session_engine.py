"""What a chat shows and does while the engine has no model, fails, dies or says nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from realm_desktop.chat.session import ChatSession, SessionState
from realm_desktop.events import (
    EngineDown,
    EngineReady,
    EngineRestarted,
    ErrorInfo,
    Event,
    Failed,
    LoadFailed,
    LoadProgress,
    ModelLoaded,
)
from realm_desktop.store.records import MessageState
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import FakeEngineClient, make_model_info


def test_message_waits_for_a_model_and_is_sent_when_it_is_there(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("early")
        assert chat.state is SessionState.WAITING_FOR_MODEL
        assert [message.content for message in await chat.stored()] == ["early"]
        chat.client.emit(LoadProgress("/m", "reading", 0.43))
        assert "43" in chat.session.status_text

        chat.client.emit(ModelLoaded(make_model_info()))
        await chat.until(lambda: bool(chat.client.requests))
        chat.client.reply("late")
        await chat.idle()
        assert chat.texts == ["early", "late"]

    with_chat(tmp_path, work, has_model=False)


def test_stop_withdraws_a_message_that_waits_for_a_model(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("early")
        await chat.session.stop()
        chat.client.emit(ModelLoaded(make_model_info()))
        await asyncio.sleep(0)

        assert chat.state is SessionState.IDLE
        assert chat.client.requests == []
        assert chat.texts == ["early"]

    with_chat(tmp_path, work, has_model=False)


def test_failed_load_is_shown_and_a_later_one_sends_the_message(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("early")
        chat.client.emit(LoadFailed("/m", ErrorInfo("CorruptFile", "the file is cut"), True))
        assert (chat.state, chat.session.status_text) == (SessionState.FAILED, "the file is cut")

        chat.client.emit(LoadProgress("/n", "reading", 0.1))
        assert chat.state is SessionState.WAITING_FOR_MODEL
        chat.client.emit(ModelLoaded(make_model_info()))
        await chat.until(lambda: bool(chat.client.requests))

    with_chat(tmp_path, work, has_model=False)


def test_engine_that_stays_down_is_shown_where_a_message_waits(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("early")
        chat.client.emit(EngineDown("it died three times"))

        assert chat.state is SessionState.FAILED
        assert "it died three times" in chat.session.status_text

    with_chat(tmp_path, work, has_model=False)


def test_reply_to_a_dead_engine_is_resuming_until_its_next_event(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        chat.stream("a", 1)
        await chat.until(lambda: chat.state is SessionState.DECODE)
        chat.client.emit(EngineRestarted("killed", 1, 2))
        assert chat.state is SessionState.RESTARTING
        assert "2nd time" in chat.session.status_text

        chat.client.emit(EngineReady("1", "2", "cpu", 2, 9))
        chat.client.reply("b")
        await chat.idle()
        assert chat.texts[-1] == "ab"

    with_chat(tmp_path, work)


def test_failure_keeps_the_text_and_carries_the_error(tmp_path: Path) -> None:
    error = ErrorInfo("OutOfMemory", "needed 9.8 GB, free 7.1 GB", "Close another model.")

    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        chat.stream("half", 1)
        chat.client.emit(Failed(chat.request_id, error))
        await chat.idle()

        assert chat.state is SessionState.FAILED
        assert chat.session.status_text == error.message
        reply = (await chat.stored())[1]
        assert (reply.content, reply.state, reply.error) == ("half", MessageState.FAILED, error)

    with_chat(tmp_path, work)


def test_request_that_ends_without_a_word_is_a_failure(tmp_path: Path) -> None:
    class SilentClient(FakeEngineClient):
        async def generate(self, request):  # type: ignore[no-untyped-def]  # a broken client
            self.requests.append(request)
            for event in list[Event]():
                yield event

    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        await chat.idle()

        assert chat.last.error is not None
        assert chat.last.error.kind == "EngineStopped"

    with_chat(tmp_path, work, client=SilentClient())


def test_session_alone_knows_of_no_model_at_first(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        conversation, workspace = chat.session.conversation, chat.session.workspace
        session = ChatSession(chat.client, chat.store, conversation, workspace)
        alone = replace(chat, session=session)
        await session.send("hello")
        assert alone.state is SessionState.WAITING_FOR_MODEL
        chat.client.emit(ModelLoaded(make_model_info()))
        await alone.until(lambda: bool(chat.client.requests))
        await session.close()

    with_chat(tmp_path, work)
