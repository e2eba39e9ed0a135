"""Check data: what is found, what is mended."""

from __future__ import annotations

import threading
from pathlib import Path

import apsw
import pytest

from realm_desktop.errors import StoreError
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.data_check import DataCheck, _damage, check_data
from realm_desktop.store.records import MessageId
from realm_desktop.store.search import Search
from tests.support.stores import (
    database_path,
    make_conversation,
    make_message,
    with_store,
)


async def _fill(store: ConversationStore) -> None:
    await store.save_conversation(make_conversation())
    for number in range(40):
        await store.add_message(make_message(f"m{number}", None, f"words {number} " * 40))


def _behind_its_back(tmp_path: Path, statement: str) -> None:
    connection = apsw.Connection(str(database_path(tmp_path)))
    connection.execute(statement)
    connection.close()


def test_sound_data_are_counted_and_indexed(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> DataCheck:
        await _fill(store)
        return await check_data(store.database)

    found = with_store(tmp_path, work)

    assert found == DataCheck((), 1, 40, 0, is_index_rebuilt=True)


def test_index_that_lost_its_words_finds_them_again(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> int:
        await _fill(store)
        _behind_its_back(tmp_path, "INSERT INTO messages_text (messages_text) VALUES('delete-all')")
        assert not await Search(store.database).contents("words")
        await check_data(store.database)
        return len(await Search(store.database).contents("words"))

    assert with_store(tmp_path, work) == 40


def test_references_to_nothing_are_mended(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> DataCheck:
        await _fill(store)
        _behind_its_back(tmp_path, "UPDATE messages SET parent_id = 'x' WHERE message_id = 'm5'")
        _behind_its_back(tmp_path, "UPDATE conversations SET leaf_id = 'y', workspace_id = 'z'")
        found = await check_data(store.database)
        messages = {
            m.message_id: m for m in await store.messages(make_conversation().conversation_id)
        }
        assert messages[MessageId("m5")].parent_id == "m4"
        (chat,) = await store.conversations()
        assert (chat.workspace_id, chat.leaf_id) == ("general", None)
        return found

    assert with_store(tmp_path, work).num_mended == 3


def _damaged_while_open(tmp_path: Path) -> DataCheck:
    async def work(store: ConversationStore) -> DataCheck:
        await _fill(store)
        await store.database.run_alone(lambda connection: connection.wal_checkpoint())
        with database_path(tmp_path).open("r+b") as file:
            file.seek(-8192, 2)
            file.write(b"\xff" * 8192)
        return await check_data(store.database)

    return with_store(tmp_path, work)


def test_damaged_file_is_told_and_left_alone(tmp_path: Path) -> None:
    found = _damaged_while_open(tmp_path)

    assert found.faults
    assert not found.is_index_rebuilt


def test_damage_that_was_told_is_recovered_at_the_next_start(tmp_path: Path) -> None:
    _damaged_while_open(tmp_path)

    async def work(store: ConversationStore) -> int:
        return len(store.database.notices)

    assert with_store(tmp_path, work) == 1


def test_check_stops_when_its_caller_is_cancelled(tmp_path: Path) -> None:
    is_over = threading.Event()
    is_over.set()

    async def work(store: ConversationStore) -> None:
        await _fill(store)
        _damage(database_path(tmp_path), "quick_check(1)", is_over)

    with pytest.raises(StoreError, match="interrupt"):
        with_store(tmp_path, work)
