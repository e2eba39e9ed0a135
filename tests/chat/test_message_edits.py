"""Messages deleted and brought back, inserted, given another role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from realm_desktop.chat.message_edits import (
    change_role,
    delete_message,
    insert_after,
    restore_deleted,
    select_version,
)
from realm_desktop.errors import RequestError, StoreError
from realm_desktop.store.records import Attachment, MessageId
from realm_desktop.store.search import Search
from tests.support.chats import Chat, with_chat


def _with_four(folder: Path, work: Callable[[Chat], Awaitable[None]]) -> None:
    """Run `work` with the messages one, 1, two, 2."""

    async def filled(chat: Chat) -> None:
        await chat.session.send("one", (Attachment("a.py", "needle"),))
        chat.client.reply("1")
        await chat.idle()
        await chat.exchange("two", "2")
        await work(chat)

    with_chat(folder, filled)


def _id(chat: Chat, row: int) -> MessageId:
    return chat.session.transcript.messages[row].message_id


async def _reopened(chat: Chat) -> list[str]:
    """The visible branch as another start of the app would show it."""
    await chat.session.saved.load()
    return chat.texts


def test_deleted_message_leaves_what_follows(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        removed = await delete_message(chat.session, _id(chat, 1), with_below=False)
        assert chat.texts == ["one", "two", "2"]
        assert await _reopened(chat) == ["one", "two", "2"]
        await restore_deleted(chat.session, removed)

        assert chat.texts == ["one", "1", "two", "2"]
        assert await _reopened(chat) == ["one", "1", "two", "2"]

    _with_four(tmp_path, work)


def test_deleted_first_message_leaves_a_new_first(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await delete_message(chat.session, _id(chat, 0), with_below=False)

        assert await _reopened(chat) == ["1", "two", "2"]

    _with_four(tmp_path, work)


@pytest.mark.parametrize(("row", "left"), [(0, []), (1, ["one"]), (3, ["one", "1", "two"])])
def test_everything_below_goes_along_and_comes_back(
    tmp_path: Path, row: int, left: list[str]
) -> None:
    async def work(chat: Chat) -> None:
        before = await chat.stored()
        tokens = await chat.store.token_ids(before[-1].message_id)
        removed = await delete_message(chat.session, _id(chat, row), with_below=True)
        assert await _reopened(chat) == left
        await restore_deleted(chat.session, removed)

        assert await chat.stored() == before
        assert await _reopened(chat) == ["one", "1", "two", "2"]
        assert await chat.store.token_ids(before[-1].message_id) == tokens

    _with_four(tmp_path, work)


def test_other_version_takes_the_place_of_a_deleted_one(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.regenerate(_id(chat, 3))
        chat.client.reply("2b")
        await chat.idle()
        await delete_message(chat.session, _id(chat, 3), with_below=True)

        assert await _reopened(chat) == ["one", "1", "two", "2"]

    _with_four(tmp_path, work)


def test_deleted_words_are_not_found_until_they_are_back(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        search = Search(chat.store.database)
        removed = await delete_message(chat.session, _id(chat, 0), with_below=True)
        assert await search.contents("needle") == []
        await restore_deleted(chat.session, removed)

        assert len(await search.contents("needle")) == 1

    _with_four(tmp_path, work)


def test_messages_sent_since_stay_when_a_deletion_is_undone(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        removed = await delete_message(chat.session, _id(chat, 2), with_below=True)
        await chat.exchange("three", "3")
        await restore_deleted(chat.session, removed)

        assert chat.texts == ["one", "1", "two", "2"]
        assert len(await chat.stored()) == 6

    _with_four(tmp_path, work)


def test_nothing_is_deleted_while_a_reply_runs(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("three")
        with pytest.raises(RequestError, match="deleted"):
            await delete_message(chat.session, _id(chat, 0), with_below=True)

        assert chat.texts[0] == "one"

    _with_four(tmp_path, work)


def test_deletion_that_fails_changes_nothing(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.store.database.run(
            lambda db: db.execute(
                "CREATE TRIGGER stop BEFORE DELETE ON messages BEGIN "
                "SELECT RAISE (ABORT, 'stop'); END"
            )
        )
        with pytest.raises(StoreError):
            await delete_message(chat.session, _id(chat, 1), with_below=False)

        assert chat.texts == ["one", "1", "two", "2"]
        assert await _reopened(chat) == ["one", "1", "two", "2"]

    _with_four(tmp_path, work)


def test_inserted_message_asks_nothing_and_is_read_by_the_next_reply(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        num_requests = len(chat.client.requests)
        await insert_after(chat.session, _id(chat, 1), "system", "Be brief.")
        assert chat.texts == ["one", "1", "Be brief.", "two", "2"]
        assert await _reopened(chat) == ["one", "1", "Be brief.", "two", "2"]
        assert len(chat.client.requests) == num_requests
        await chat.exchange("three", "3")

        assert "Be brief." in [m.content for m in chat.client.requests[-1].messages]

    _with_four(tmp_path, work)


def test_old_branch_stays_beside_an_insertion(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await insert_after(chat.session, _id(chat, 1), "user", "new")
        await select_version(chat.session, _id(chat, 2), -1)

        assert chat.texts == ["one", "1", "two", "2"]

    _with_four(tmp_path, work)


def test_blank_text_is_not_inserted(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await insert_after(chat.session, _id(chat, 1), "user", " \n")

        assert len(await chat.stored()) == 4

    _with_four(tmp_path, work)


def test_role_can_be_changed(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await change_role(chat.session, _id(chat, 1), "system")
        message = (await chat.stored())[1]

        assert (message.role, message.content, message.is_edited) == ("system", "1", True)
        assert message.stats is None

    _with_four(tmp_path, work)
