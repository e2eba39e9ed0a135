"""What a crash leaves of an open reply."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from realm_desktop.events import FinishReason
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import ConversationId, Message, MessageId, MessageState
from tests.support.stores import make_conversation, make_message, make_reply, with_store

REPLY = MessageId("r")


def _messages(tmp_path: Path) -> list[Message]:
    return with_store(tmp_path, lambda store: store.messages(ConversationId("c1")))


async def _start_reply(store: ConversationStore, content: str = "") -> None:
    await store.save_conversation(make_conversation())
    await store.add_message(make_message("u"))
    streaming = make_reply("r", "u", content, state=MessageState.STREAMING, seed=2**53 - 1)
    await store.add_message(streaming)


def test_open_reply_becomes_interrupted_with_its_journaled_text(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        await _start_reply(store)
        await store.journal_reply(REPLY, "first", [1])
        await store.journal_reply(REPLY, "first and\0 more", [1, 2, 300_000])

    with_store(tmp_path, work)
    reply = _messages(tmp_path)[1]

    assert reply.state is MessageState.INTERRUPTED
    assert reply.content == "first and\u2400 more"
    assert reply.seed == 2**53 - 1
    token_ids = with_store(tmp_path, lambda store: store.token_ids(REPLY))
    assert token_ids == (1, 2, 300_000)


def test_open_reply_without_a_journal_keeps_what_its_message_had(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        await _start_reply(store, "text before it was continued")

    with_store(tmp_path, work)

    assert _messages(tmp_path)[1].content == "text before it was continued"
    assert _messages(tmp_path)[1].state is MessageState.INTERRUPTED


def test_journal_is_empty_after_recovery(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        await _start_reply(store)
        await store.journal_reply(REPLY, "text", [1])

    with_store(tmp_path, work)

    async def count(store: ConversationStore) -> object:
        return await store.database.run(
            lambda connection: connection.execute("SELECT count(*) FROM reply_journal").get
        )

    assert with_store(tmp_path, count) == 0


def test_finished_reply_is_not_touched_by_recovery(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        await _start_reply(store)
        await store.journal_reply(REPLY, "half", [1])
        whole = replace(
            make_reply("r", "u", "whole"),
            finish_reason=FinishReason.STOP,
        )
        await store.update_message(whole, [1, 2])

    with_store(tmp_path, work)

    assert _messages(tmp_path)[1].content == "whole"
    assert _messages(tmp_path)[1].state is MessageState.COMPLETE


def test_journal_that_comes_after_the_end_of_its_reply_is_not_kept(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> object:
        await _start_reply(store)
        await store.update_message(make_reply("r", "u", "whole"), [1, 2])
        await store.journal_reply(REPLY, "half", [1])
        return await store.database.run(
            lambda connection: connection.execute("SELECT count(*) FROM reply_journal").get
        )

    assert with_store(tmp_path, work) == 0
    assert _messages(tmp_path)[1].content == "whole"


def test_journal_of_a_deleted_conversation_goes_with_it(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> object:
        await _start_reply(store)
        await store.journal_reply(REPLY, "text", [1])
        await store.save_conversation(make_conversation(deleted_s=1.0))
        await store.purge_trash(before_s=2.0)
        return await store.database.run(
            lambda connection: connection.execute("SELECT count(*) FROM reply_journal").get
        )

    assert with_store(tmp_path, work) == 0
