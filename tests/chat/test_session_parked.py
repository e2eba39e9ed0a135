"""Replies that the user paused: their state, their words, and how they go on or end."""

from __future__ import annotations

from pathlib import Path

from realm_desktop.chat.running_reply import RunningReply
from realm_desktop.chat.session_state import SessionState
from realm_desktop.events import FinishReason, Parked, Queued, TextDelta
from realm_desktop.protocol import Abort, SetParked
from tests.support.chats import Chat, with_chat


def furthest(chat: Chat) -> RunningReply:
    reply = chat.session.replies.furthest
    assert reply is not None
    return reply


async def park(chat: Chat) -> None:
    await chat.session.send("hello")
    chat.stream("a", 1)
    chat.session.replies.set_parked(are_parked=True)
    chat.client.emit(Parked(chat.request_id))
    await chat.until(lambda: chat.state is SessionState.PARKED)


def test_paused_reply_says_so_and_goes_on_where_it_was(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await park(chat)
        words, is_busy = str(chat.session.status_text), chat.session.is_busy
        chat.session.replies.set_parked(are_parked=False)
        chat.client.emit(Queued(chat.request_id, 1, "starts with the next step"))
        chat.client.reply("b")
        await chat.idle()

        assert (words, is_busy) == ("Paused by you", True)
        assert chat.texts[-1] == "ab"
        sent = [c.is_parked for c in chat.client.commands if isinstance(c, SetParked)]
        assert sent == [True, False]

    with_chat(tmp_path, work)


def test_text_that_was_on_its_way_does_not_end_the_pause(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        chat.session.replies.set_parked(are_parked=True)
        late = TextDelta(chat.request_id, "late", (1,))
        chat.client.emit(late, Parked(chat.request_id))
        await chat.until(lambda: chat.state is SessionState.PARKED)

        assert chat.texts[-1] == "late"
        assert chat.session.replies.are_parked

    with_chat(tmp_path, work)


def test_paused_reply_can_be_stopped(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await park(chat)
        await chat.session.stop()
        await chat.idle()

        assert Abort(chat.request_id) in chat.client.commands
        assert chat.last.finish_reason is FinishReason.ABORT
        assert chat.last.content == "a"

    with_chat(tmp_path, work)


def test_pausing_what_is_paused_asks_the_engine_once(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await park(chat)
        chat.session.replies.set_parked(are_parked=True)

        assert sum(isinstance(c, SetParked) for c in chat.client.commands) == 1
        assert furthest(chat).request.is_parked

    with_chat(tmp_path, work)


def test_chat_without_a_reply_has_nothing_paused(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        chat.session.replies.set_parked(are_parked=True)

        assert not chat.session.replies.are_parked
        assert not any(isinstance(c, SetParked) for c in chat.client.commands)

    with_chat(tmp_path, work)


def test_pause_is_no_time_of_thought(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        chat.stream("<think>hm", 1)
        thinking, now_s = chat.session.replies.thinking, [10.0]
        thinking._clock = lambda: now_s[0]
        chat.client.emit(Parked(chat.request_id))
        await chat.until(lambda: chat.state is SessionState.PARKED)
        before = thinking.seconds_of(chat.last.message_id)
        now_s[0] += 600.0

        assert thinking.seconds_of(chat.last.message_id) == before

    with_chat(tmp_path, work)
