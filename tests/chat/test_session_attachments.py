"""Attachments through the life of a chat."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from realm_desktop.chat.comparison import Comparison
from realm_desktop.chat.saved_conversation import SavedConversation
from realm_desktop.chat.teaching import examples_of
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Attachment, UserTurn, with_queue
from tests.support.chats import Chat, with_chat
from tests.support.stores import make_conversation, make_message, make_reply, with_store

FILES = (Attachment("a.py", "x = 1\n"), Attachment("b\0.md", "\ud800"))
CLEAN = (Attachment("a.py", "x = 1\n"), Attachment("b\u2400.md", "\ufffd"))
PROMPT = "a.py\n```py\nx = 1\n```\n\nb\u2400.md\n```md\n\ufffd\n```"


def _has_asked(chat: Chat, count: int) -> bool:
    return len(chat.client.requests) == count


def test_every_version_and_the_edit_keep_the_files(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("one", FILES)
        chat.client.reply("1")
        await chat.idle()
        await chat.session.regenerate(chat.last.message_id)
        chat.client.reply("2")
        await chat.idle()
        await chat.session.edit(chat.session.transcript.messages[0].message_id, "two")

        prompts = [request.messages[-1].content for request in chat.client.requests]
        assert prompts == [f"{PROMPT}\n\none"] * 2 + [f"{PROMPT}\n\ntwo"]
        users = [message for message in await chat.stored() if message.role == "user"]
        assert [message.attachments for message in users] == [CLEAN, CLEAN]

    with_chat(tmp_path, work)


def test_edit_can_take_files_away(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("one", FILES)
        chat.client.reply("1")
        await chat.idle()
        await chat.session.edit(chat.session.transcript.messages[0].message_id, "two", ())

        assert chat.client.requests[-1].messages[-1].content == "two"

    with_chat(tmp_path, work)


def test_copies_of_a_chat_have_its_files(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("one", FILES)
        chat.client.reply("1")
        await chat.idle()
        original = chat.session.conversation.conversation_id
        for copied in (chat.library.shelf.branch, chat.library.shelf.duplicate):
            copy = await copied(original, "Copy")
            messages = await chat.store.messages(copy.conversation_id)
            assert messages[0].attachments == CLEAN

    with_chat(tmp_path, work)


def test_queued_files_are_sent_when_their_turn_comes(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("one")
        await chat.session.send("two")
        await chat.session.send("", FILES)
        stored = (await chat.store.conversations())[0]
        assert stored.queue == (UserTurn("two"), UserTurn("", CLEAN))
        for count in (1, 2, 3):
            await chat.until(partial(_has_asked, chat, count))
            chat.client.reply("x")
        await chat.idle()

        assert chat.client.requests[-1].messages[-1].content == PROMPT
        assert chat.session.conversation.queue == ()

    with_chat(tmp_path, work)


def test_blank_message_without_files_is_not_sent(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("  \n")

        assert chat.client.requests == []

    with_chat(tmp_path, work)


@pytest.mark.parametrize(("text", "title"), [("Look", "Look"), ("", "a.py")])
def test_title_comes_from_the_words_or_else_the_first_file(
    tmp_path: Path, text: str, title: str
) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send(text, FILES)

        assert chat.session.conversation.title == title

    with_chat(tmp_path, work)


def test_files_queued_by_an_earlier_run_return_to_the_composer(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        queue = (UserTurn("one", CLEAN[:1]), UserTurn("two"))
        record = with_queue(make_conversation(unsent_text="three"), queue)
        await store.save_conversation(record)
        saved = SavedConversation(store, record, lambda: None)
        await saved.set_unsent_attachments(CLEAN[1:])
        again = SavedConversation(store, record, lambda: None)
        await again.load()

        assert again.unsent_attachments == CLEAN
        assert again.record.unsent_text == "one\n\ntwo\n\nthree"
        assert again.record.queue == ()

    with_store(tmp_path, work)


def test_lanes_of_a_comparison_read_the_files(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        comparison = Comparison(chat.session)
        assert await comparison.send("Which?", FILES)
        await comparison.run()

        assert {r.messages[-1].content for r in chat.client.requests} == {f"{PROMPT}\n\nWhich?"}
        await chat.session.stop()
        await chat.idle()
        comparison.close()

    with_chat(tmp_path, work)


def test_example_to_learn_from_has_what_the_model_read() -> None:
    user = make_message("u", content="one", attachments=CLEAN)
    reply = make_reply("a", "u", "fine")

    (line,) = examples_of([user, reply], [reply], "")

    assert "x = 1" in line


def test_queue_without_files_takes_no_room_for_them() -> None:
    conversation = with_queue(make_conversation(), (UserTurn("a"), UserTurn("b")))

    assert conversation.queued_attachments == ()
    assert replace(conversation, queued_texts=("a",)).queue == (UserTurn("a"),)
