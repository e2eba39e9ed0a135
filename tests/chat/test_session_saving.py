"""What a chat keeps when the app, the disk or the engine ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from realm_desktop.chat import reply_journal, reply_saver
from realm_desktop.chat.continuation import can_continue, continue_reply
from realm_desktop.chat.session import SessionState
from realm_desktop.errors import RequestError, StoreError
from realm_desktop.events import FinishReason, ModelLoaded
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import MessageState
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import make_model_info
from tests.support.stores import database_path


class DiskFull:
    """Makes every commit fail until `is_full` is unset."""

    def __init__(self, chat: Chat) -> None:
        self.is_full = True
        connection = chat.store.database._connection
        connection.set_commit_hook(lambda: self.is_full)


async def _interrupted(chat: Chat) -> None:
    """Leave a reply of two tokens as a closed app leaves it."""
    await chat.session.send("hello")
    chat.stream("par", 7)
    chat.stream("tial ", 8)
    await chat.until(lambda: chat.texts[-1] == "partial ")


async def _reopened(chat: Chat) -> Chat:
    """The conversation of an earlier run."""
    older = chat.library.conversations[-1]
    session = await chat.library.open(older.conversation_id)
    return Chat(chat.client, chat.store, chat.library, session)


def test_closed_app_stores_the_reply_as_interrupted(tmp_path: Path) -> None:
    async def check(chat: Chat) -> None:
        again = await _reopened(chat)

        assert again.session.state is SessionState.INTERRUPTED
        assert again.session.status_text == "Interrupted"
        assert again.last.content == "partial "
        assert again.last.state is MessageState.INTERRUPTED

    with_chat(tmp_path, _interrupted)
    with_chat(tmp_path, check)


def test_close_right_after_send_leaves_no_open_request(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        await chat.session.close()

        assert chat.last.state is MessageState.INTERRUPTED
        assert not chat.client.is_open(chat.request_id)

    with_chat(tmp_path, work)


def test_continued_reply_goes_on_with_its_tokens_seed_and_clock(tmp_path: Path) -> None:
    async def check(chat: Chat) -> None:
        again = await _reopened(chat)
        await continue_reply(again.session)
        again.client.reply("and more")
        await again.idle()

        request = again.client.requests[-1]
        assert request.committed_token_ids == (7, 8)
        assert request.sampling.seed == again.last.seed
        assert request.clock_s == again.last.created_s
        assert again.texts == ["hello", "partial and more"]
        assert await again.store.token_ids(again.last.message_id) == (7, 8, 100)

    with_chat(tmp_path, _interrupted)
    with_chat(tmp_path, check)


def test_stopped_reply_can_be_continued(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _interrupted(chat)
        await chat.session.stop()
        await chat.idle()
        assert can_continue(chat.session)
        await continue_reply(chat.session)
        assert chat.last.state is MessageState.STREAMING
        chat.client.reply("done")
        await chat.idle()

        assert chat.texts[-1] == "partial done"
        assert chat.last.finish_reason is FinishReason.STOP
        assert not can_continue(chat.session)

    with_chat(tmp_path, work)


def test_reply_that_ended_by_length_can_be_continued(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        chat.client.reply("cut", finish_reason=FinishReason.LENGTH)
        await chat.idle()

        assert can_continue(chat.session)

    with_chat(tmp_path, work)


def test_complete_reply_cannot_be_continued(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        assert not can_continue(chat.session)
        await chat.exchange("hello", "whole")

        with pytest.raises(RequestError, match="ended early"):
            await continue_reply(chat.session)

    with_chat(tmp_path, work)


def test_edited_reply_cannot_be_continued(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("hello", "whole")
        await chat.session.edit(chat.last.message_id, "mine")

        assert not can_continue(chat.session)

    with_chat(tmp_path, work)


def test_reply_of_another_model_is_not_continued(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _interrupted(chat)
        await chat.session.stop()
        await chat.idle()
        chat.client.emit(ModelLoaded(make_model_info(name="Other")))

        with pytest.raises(RequestError, match="written by 'Tiny'; 'Other' is loaded"):
            await continue_reply(chat.session)
        assert chat.last.content == "partial "

    with_chat(tmp_path, work)


def test_message_that_cannot_be_saved_is_not_sent(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        disk = DiskFull(chat)
        with pytest.raises(StoreError):
            await chat.session.send("hello")
        assert chat.client.requests == []
        assert chat.texts == []

        disk.is_full = False
        await chat.session.send("hello")
        assert len(chat.client.requests) == 1

    with_chat(tmp_path, work)


def test_queued_text_that_cannot_be_saved_is_refused(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("one")
        disk = DiskFull(chat)
        with pytest.raises(StoreError):
            await chat.session.send("two")

        assert chat.queued_texts == ()
        disk.is_full = False

    with_chat(tmp_path, work)


def test_reply_that_cannot_be_created_is_an_error_at_the_saved_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ConversationStore.add_message

    async def only_users(self: ConversationStore, message, conversation=None) -> None:  # type: ignore[no-untyped-def]  # as the real one
        if message.role == "assistant":
            raise StoreError("the disk is full")
        await real(self, message, conversation)

    monkeypatch.setattr(ConversationStore, "add_message", only_users)

    async def work(chat: Chat) -> None:
        await chat.session.send("hello")

        assert chat.session.state is SessionState.FAILED
        assert chat.session.status_text == "the disk is full"
        assert chat.texts == ["hello"]
        assert chat.client.requests == []

    with_chat(tmp_path, work)


def test_reply_refused_by_the_disk_is_stored_when_space_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_saver, "RETRY_INTERVAL_S", 0.01)

    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        disk = DiskFull(chat)
        chat.client.reply("kept in memory")
        await chat.until(lambda: chat.session.state is SessionState.FAILED)
        assert chat.texts[-1] == "kept in memory"

        disk.is_full = False
        await chat.until(lambda: chat.session.error is None)
        assert (await chat.stored())[1].content == "kept in memory"

    with_chat(tmp_path, work)


def test_reply_is_journaled_within_its_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = asyncio.Event()
    real = ConversationStore.journal_reply

    async def record(self: ConversationStore, *arguments: object) -> None:
        await real(self, *arguments)  # type: ignore[arg-type]  # passed on
        written.set()

    monkeypatch.setattr(ConversationStore, "journal_reply", record)
    monkeypatch.setattr(reply_journal, "JOURNAL_INTERVAL_S", 0.01)

    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        chat.stream("few tokens", 1, 2)
        await written.wait()

        assert _journal(tmp_path) == [("few tokens", b"\1\0\0\0\2\0\0\0")]

    with_chat(tmp_path, work)


def test_reply_is_journaled_every_64_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_journal, "JOURNAL_INTERVAL_S", 3600.0)

    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        for number in range(63):
            chat.stream("x", number)
        await chat.until(lambda: chat.texts[-1] == "x" * 63)
        assert _journal(tmp_path) == []
        chat.stream("x", 63)
        await chat.until(lambda: chat.texts[-1] == "x" * 64)
        running = chat.session.replies.furthest
        assert running is not None
        assert running._journal._task is not None
        await running._journal._task

        assert _journal(tmp_path)[0][0] == "x" * 64

    with_chat(tmp_path, work)


def test_end_of_a_reply_waits_for_no_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def never_end(*_arguments: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(ConversationStore, "journal_reply", never_end)
    monkeypatch.setattr(reply_journal, "JOURNAL_TOKENS", 1)

    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        chat.stream("text", 1)
        await begun.wait()
        await chat.session.stop()
        await chat.idle()

        assert (await chat.stored())[1].content == "text"

    with_chat(tmp_path, work)


def _journal(tmp_path: Path) -> list[tuple[object, ...]]:
    """The journal as another process would find it now."""
    reader = apsw.Connection(str(database_path(tmp_path)), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return list(reader.execute("SELECT content, token_ids FROM reply_journal"))
    finally:
        reader.close()
