"""A conversation in progress: sending, streaming, stopping, the queue, what was seen of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat import running_reply
from realm_desktop.chat.session import SessionState
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import (
    EngineRestarted,
    ErrorInfo,
    Failed,
    Finished,
    FinishReason,
    PromptProgress,
    Queued,
    Started,
)
from realm_desktop.protocol import Abort, Priority, SetPriority
from realm_desktop.store.records import MessageState, UserTurn
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import FakeEngineClient


def test_message_is_on_disk_before_the_engine_is_asked(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")

        stored = await chat.stored()
        assert [message.content for message in stored] == ["hello", ""]
        assert stored[1].state is MessageState.STREAMING
        assert chat.client.requests[0].messages[0].content == "hello"

    with_chat(tmp_path, work)


def test_reply_streams_and_is_stored_whole(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("hello", "a", "b", "c")

        reply = (await chat.stored())[1]
        assert reply == chat.last
        assert (reply.content, reply.state) == ("abc", MessageState.COMPLETE)
        assert reply.finish_reason is FinishReason.STOP
        assert reply.stats == chat.session.transcript.latest_stats == GenerationStats(5, 0, 3)
        assert reply.model_name == "Tiny"
        assert await chat.store.token_ids(reply.message_id) == (100, 101, 102)

    with_chat(tmp_path, work)


def test_seed_of_the_request_is_stored_with_the_reply(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("hello", "a")

        seed = chat.client.requests[0].sampling.seed
        assert 0 <= seed < 2**53
        assert chat.last.seed == seed

    with_chat(tmp_path, work)


def test_state_follows_the_events_of_a_request(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        seen: list[tuple[SessionState, str, float | None]] = []
        session = chat.session
        session.subscribe(
            lambda: seen.append((session.state, session.status_text, session.prompt_progress))
        )
        await session.send("hello")
        request_id = chat.request_id
        chat.client.emit(
            Queued(request_id, 2, ""),
            Started(request_id, 1000, 250),
            PromptProgress(request_id, 500, 1000),
        )
        await chat.until(lambda: session.prompt_progress == 0.5)
        chat.stream("text", 1)
        await chat.until(lambda: session.state is SessionState.DECODE)

        assert seen[-4:] == [
            (SessionState.QUEUED, "Waiting, 2nd in line", None),
            (SessionState.PREFILL, "Reading 1,000 tokens · 25\u00a0% · 250 reused", 0.25),
            (SessionState.PREFILL, "Reading 1,000 tokens · 50\u00a0% · 250 reused", 0.5),
            (SessionState.DECODE, "", None),
        ]

    with_chat(tmp_path, work)


def test_pieces_of_text_do_not_wake_the_listeners_of_the_state(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        chat.stream("first", 1)
        await chat.until(lambda: chat.state is SessionState.DECODE)
        calls: list[None] = []
        chat.session.subscribe(lambda: calls.append(None))
        for number in range(20):
            chat.stream("x", number)
        await chat.until(lambda: chat.texts[-1].endswith("x" * 20))

        assert len(calls) <= 1  # the one that `until` causes at most

    with_chat(tmp_path, work)


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_white_space_is_not_sent(tmp_path: Path, text: str) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send(text)

        assert chat.client.requests == []
        assert await chat.stored() == []

    with_chat(tmp_path, work)


def test_nul_and_lone_surrogates_are_the_same_in_memory_and_on_disk(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("a\0\ud800", "b\0")

        assert chat.texts == ["a\u2400\ufffd", "b\u2400"]
        assert [message.content for message in await chat.stored()] == chat.texts

    with_chat(tmp_path, work)


def test_first_message_gives_the_title_and_later_ones_do_not(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("A question about foxes\nand more", "yes")
        await chat.exchange("another", "no")

        assert chat.session.conversation.title == "A question about foxes"
        (conversation,) = await chat.store.conversations()
        assert conversation.title == "A question about foxes"

    with_chat(tmp_path, work)


def test_renamed_title_stays(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.saved.change(lambda old: replace(old, title="Mine"))
        await chat.exchange("first", "yes")

        assert chat.session.conversation.title == "Mine"

    with_chat(tmp_path, work)


def test_stop_keeps_the_text_and_ends_with_abort(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        chat.stream("half", 1)
        await chat.until(lambda: chat.texts[-1] == "half")
        await chat.session.stop()
        assert chat.state is SessionState.STOPPING
        await chat.session.stop()
        await chat.idle()

        aborts = [command for command in chat.client.commands if isinstance(command, Abort)]
        assert len(aborts) == 1
        reply = (await chat.stored())[1]
        assert (reply.content, reply.finish_reason) == ("half", FinishReason.ABORT)
        assert reply.state is MessageState.COMPLETE

    with_chat(tmp_path, work)


def test_no_event_changes_the_state_while_stopping(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        await chat.session.stop()
        chat.client.emit(EngineRestarted("killed", 1, 1))

        assert chat.state is SessionState.STOPPING
        chat.client.emit(Finished(chat.request_id, FinishReason.ABORT, GenerationStats()))
        await chat.idle()

    with_chat(tmp_path, work, client=FakeEngineClient(answers_aborts=False))


def test_stop_that_is_never_confirmed_ends_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_reply, "STOP_LIMIT_S", 0.01)

    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        chat.stream("half", 1)
        await chat.until(lambda: chat.texts[-1] == "half")
        await chat.session.stop()
        await chat.idle()

        assert chat.state is SessionState.IDLE
        assert chat.last.finish_reason is FinishReason.ABORT
        assert not chat.client.is_open(chat.request_id)

    with_chat(tmp_path, work, client=FakeEngineClient(answers_aborts=False))


def test_stop_of_an_idle_chat_does_nothing(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.stop()

        assert chat.state is SessionState.IDLE

    with_chat(tmp_path, work)


def test_messages_sent_meanwhile_wait_and_go_one_after_the_other(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("one")
        await chat.session.send("two")
        await chat.session.send("three")
        assert chat.queued_texts == ("two", "three")
        assert (await chat.store.conversations())[0].queued_texts == chat.queued_texts

        for number, answer in enumerate(("1", "2", "3"), start=1):
            await chat.until(lambda number=number: len(chat.client.requests) == number)  # type: ignore[misc]  # a bound loop variable
            chat.client.reply(answer)
        await chat.until(lambda: chat.texts == ["one", "1", "two", "2", "three", "3"])
        await chat.idle()
        assert not chat.queued_texts

    with_chat(tmp_path, work)


def test_two_sends_at_once_do_not_start_two_replies(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await asyncio.gather(chat.session.send("one"), chat.session.send("two"))

        assert len(chat.client.requests) == 1
        assert chat.queued_texts == ("two",)

    with_chat(tmp_path, work)


def test_queued_text_can_be_taken_back(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("one")
        await chat.session.send("two")

        assert await chat.session.saved.remove_queued(0) == UserTurn("two")
        assert await chat.session.saved.remove_queued(0) == UserTurn()
        assert (await chat.store.conversations())[0].queued_texts == ()

    with_chat(tmp_path, work)


def test_queue_waits_after_a_failure_and_keeps_its_order(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("one")
        await chat.session.send("two")
        chat.client.emit(Failed(chat.request_id, ErrorInfo("OutOfMemory", "no")))
        await chat.idle()
        assert len(chat.client.requests) == 1

        await chat.session.send("three")
        assert chat.texts[-2:] == ["two", ""]
        assert chat.queued_texts == ("three",)

    with_chat(tmp_path, work)


def test_queue_of_an_earlier_run_goes_back_to_the_composer(tmp_path: Path) -> None:
    async def first(chat: Chat) -> None:
        await chat.session.send("one")
        await chat.session.send("two")
        await chat.session.saved.set_unsent_text("typed")

    async def second(chat: Chat) -> None:
        older = chat.library.conversations[-1]
        session = await chat.library.open(older.conversation_id)

        assert session.conversation.queued_texts == ()
        assert session.conversation.unsent_text == "two\n\ntyped"

    with_chat(tmp_path, first)
    with_chat(tmp_path, second)


def test_focused_chat_goes_first_and_a_hidden_one_normally(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        chat.session.set_focused(True)
        await chat.session.send("hello")
        chat.session.set_focused(False)

        assert chat.client.requests[0].priority is Priority.FOREGROUND
        assert chat.client.commands[-1] == SetPriority(chat.request_id, Priority.NORMAL)

    with_chat(tmp_path, work)


def test_reply_that_nobody_saw_is_marked_until_its_tab_is_shown(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("hello", "done")
        assert chat.session.conversation.is_unseen

        chat.session.set_focused(True)
        await chat.until(lambda: not chat.session.conversation.is_unseen)
        assert not (await chat.store.conversations())[0].is_unseen

    with_chat(tmp_path, work)


def test_reply_in_the_focused_tab_is_seen(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        chat.session.set_focused(True)
        await chat.exchange("hello", "done")

        assert not chat.session.conversation.is_unseen

    with_chat(tmp_path, work)


def test_unsent_text_survives_a_restart(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.saved.set_unsent_text("typed\0")
        await chat.session.saved.set_unsent_text("typed\0")

        assert (await chat.store.conversations())[0].unsent_text == "typed\u2400"

    with_chat(tmp_path, work)
