"""What fills the context of a chat; the engine of these tests counts words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.context_parts import ContextParts, count_context
from realm_desktop.events import EngineDown
from realm_desktop.store.records import Attachment
from tests.support.chats import Chat, with_chat

CONTEXT = 512


async def counted(chat: Chat) -> ContextParts:
    parts = await count_context(chat.session)
    assert parts is not None
    return parts


async def set_values(chat: Chat, **values: object) -> None:
    settings = {name.replace("__", "."): value for name, value in values.items()}
    await chat.session.saved.change(lambda old: replace(old, settings=settings))


def test_empty_chat_is_free_but_for_its_system_prompt(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await set_values(chat, system__prompt="be very brief", sampling__max_tokens=None)

        parts = await counted(chat)
        assert (parts.num_system, parts.num_messages, parts.num_marks) == (3, 0, 0)
        assert parts.num_free == CONTEXT - 3

    with_chat(tmp_path, work)


def test_files_are_counted_apart_from_the_messages_they_came_with(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("what is this", (Attachment("a.py", "x\n"),))
        chat.client.reply("a name")
        await chat.idle()

        # The name of the file, both fences and what is between them.
        assert (await counted(chat)).num_attachments == 4
        assert (await counted(chat)).num_messages == 5

    with_chat(tmp_path, work)


def test_what_a_reply_measured_beyond_the_texts_are_marks_of_the_template(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("why", "so")
        parts = await counted(chat)

        assert (parts.num_messages, parts.num_marks, parts.num_used) == (2, 4, 6)

    with_chat(tmp_path, work)


def test_thoughts_of_earlier_replies_do_not_fill_the_context(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("why", "<think>one two three</think>so")
        while_last = (await counted(chat)).num_messages
        await chat.exchange("and", "then")

        assert while_last > 2
        assert (await counted(chat)).num_messages == 4

    with_chat(tmp_path, work)


@pytest.mark.parametrize(("longest", "reserved"), [(100, 100), (9_000, CONTEXT)])
def test_answer_has_the_room_that_its_limit_asks_for(
    tmp_path: Path, longest: int, reserved: int
) -> None:
    async def work(chat: Chat) -> None:
        await set_values(chat, sampling__max_tokens=longest)
        parts = await counted(chat)

        assert parts.num_reserved == reserved
        assert parts.num_free == CONTEXT - reserved

    with_chat(tmp_path, work)


def test_chat_longer_than_the_context_has_nothing_free(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("word " * 600, "ok")
        parts = await counted(chat)

        assert parts.num_used > CONTEXT
        assert (parts.num_free, parts.num_reserved) == (0, 0)

    with_chat(tmp_path, work)


def test_nothing_is_told_where_nobody_counts(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("why", "so")
        chat.client.emit(EngineDown("killed"))

        assert await count_context(chat.session) is None

    with_chat(tmp_path, work)
