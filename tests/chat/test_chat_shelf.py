"""Copies, branches, moved folders and the trash."""

from __future__ import annotations

from pathlib import Path

from realm_desktop.store.notes import chat_owner
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    ConversationId,
    MessageState,
)
from tests.support.chats import Chat, with_chat


def _id(chat: Chat) -> ConversationId:
    return chat.session.conversation.conversation_id


async def _texts(chat: Chat, conversation_id: ConversationId) -> list[str]:
    return [message.content for message in await chat.store.messages(conversation_id)]


async def _two_versions(chat: Chat) -> None:
    await chat.exchange("Why?", "Because.")
    await chat.session.regenerate(chat.last.message_id)
    chat.client.reply("No reason.")
    await chat.idle()


def test_duplicate_has_every_version(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _two_versions(chat)

        copy = await chat.library.shelf.duplicate(_id(chat), "Why? (copy)")

        assert await _texts(chat, copy.conversation_id) == ["Why?", "Because.", "No reason."]
        session = await chat.library.open(copy.conversation_id)
        assert [m.content for m in session.transcript.messages] == ["Why?", "No reason."]
        assert session.conversation.title == "Why? (copy)"

    with_chat(tmp_path, work)


def test_notes_come_along_into_a_copy_and_are_its_own_there(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        notes = chat.library.shelf.notes
        await chat.exchange("Why?", "Because.")
        await notes.save(chat_owner(_id(chat)), "ask again")
        copy = await chat.library.shelf.branch(_id(chat), "Why? (branch)")
        await notes.save(chat_owner(_id(chat)), "changed")

        assert await notes.read(chat_owner(copy.conversation_id)) == "ask again"

    with_chat(tmp_path, work)


def test_branch_can_end_with_any_message(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "1")
        await chat.exchange("two", "2")
        last = chat.session.transcript.messages[1].message_id
        copy = await chat.library.shelf.branch(_id(chat), "one (branch)", last)
        messages = await chat.store.messages(copy.conversation_id)

        assert [message.content for message in messages] == ["one", "1"]
        assert copy.leaf_id == messages[-1].message_id

    with_chat(tmp_path, work)


def test_branch_has_the_visible_messages_alone(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _two_versions(chat)

        copy = await chat.library.shelf.branch(_id(chat), "Why? (branch)")

        assert await _texts(chat, copy.conversation_id) == ["Why?", "No reason."]

    with_chat(tmp_path, work)


def test_copy_keeps_the_tokens_of_replies(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("Why?")
        chat.stream("Because", 7, 8)
        chat.client.reply()
        await chat.idle()

        copy = await chat.library.shelf.duplicate(_id(chat), "copy")

        reply = (await chat.store.messages(copy.conversation_id))[-1]
        assert await chat.store.token_ids(reply.message_id) == await chat.store.token_ids(
            chat.last.message_id
        )
        assert await chat.store.token_ids(reply.message_id)

    with_chat(tmp_path, work)


def test_reply_that_runs_is_interrupted_in_the_copy(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("Why?")

        copy = await chat.library.shelf.duplicate(_id(chat), "copy")

        reply = (await chat.store.messages(copy.conversation_id))[-1]
        assert reply.state is MessageState.INTERRUPTED
        assert chat.session.is_busy

    with_chat(tmp_path, work)


def test_moved_folder_takes_its_chats_to_the_other_workspace(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        library = chat.library
        folder = await library.folders.new(GENERAL_WORKSPACE_ID, "Tides")
        await library.move(_id(chat), GENERAL_WORKSPACE_ID, folder.folder_id)
        other = await library.new_workspace("Research")

        await library.shelf.move_folder(folder.folder_id, other.workspace_id)

        moved = library.get(_id(chat))
        assert (moved.workspace_id, moved.folder_id) == (other.workspace_id, folder.folder_id)
        assert library.folders.get(folder.folder_id).workspace_id == other.workspace_id
        assert chat.session.workspace == other

    with_chat(tmp_path, work)


def test_chat_that_is_deleted_for_good_is_gone(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.library.shelf.trash(_id(chat))

        await chat.library.shelf.delete_for_good(_id(chat))

        assert await chat.store.conversations() == []
        assert list(chat.library.conversations) == []
        assert chat.library.sessions == {}

    with_chat(tmp_path, work)


def test_emptied_trash_leaves_the_other_chats(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        kept = await chat.library.new_conversation()
        await chat.library.shelf.trash(_id(chat))

        assert await chat.library.shelf.empty_trash() == 1

        stored: list[Conversation] = await chat.store.conversations()
        assert stored == list(chat.library.conversations) == [kept.conversation]

    with_chat(tmp_path, work)
