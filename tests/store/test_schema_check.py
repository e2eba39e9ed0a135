"""A changed letter of the schema is noticed, and costs nothing."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import apsw
import pytest

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.migrations import MIGRATIONS, migrate
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, ConversationId
from realm_desktop.store.schema_check import schema_faults
from tests.support.stores import (
    database_path,
    make_conversation,
    make_message,
    open_store,
    with_store,
)


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_every_version_is_as_its_migrations_make_it(version: int) -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, lambda _version: None, MIGRATIONS[:version])

    assert schema_faults(connection, MIGRATIONS) == []


def test_database_of_a_later_version_is_left_alone() -> None:
    connection = apsw.Connection(":memory:")
    connection.pragma("user_version", len(MIGRATIONS) + 1)

    assert schema_faults(connection, MIGRATIONS) == []


def test_more_than_we_made_is_no_fault() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, lambda _version: None)
    connection.execute("CREATE TABLE more (text)")

    assert schema_faults(connection, MIGRATIONS) == []


CHANGES = (
    (b"finish_reason TEXT", b"finish_reasom TEXT"),
    (b"is_edited INTEGER", b"is_ed\xf4ted INTEGER"),
    (b"title TEXT", b"tktle TEXT"),
    (b"REFERENCES conversations", b"REFERENCES conversatiols"),
    (b"INSERT INTO messages_text", b"INSERT INTO messages_tdxt"),
    (b"CREATE TRIGGER messages_", b"CREATE TRIGGER messaqes_"),
    (b"position INTEGER", b"positinn INTEGER"),
)


async def _fill(store: ConversationStore) -> None:
    await store.save_conversation(make_conversation(title="Tides"))
    await store.add_message(make_message("m1", None, "What makes the tides?"))


def _with_change(folder: Path, before: bytes, after: bytes) -> None:
    with_store(folder, _fill)
    path = database_path(folder)
    data = path.read_bytes()
    assert before in data
    path.write_bytes(data.replace(before, after))


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_changed_letter_is_noticed_and_costs_nothing(
    tmp_path: Path, before: bytes, after: bytes
) -> None:
    _with_change(tmp_path, before, after)

    async def work() -> tuple[str, ...]:
        async with open_store(tmp_path) as store:
            (message,) = await store.messages(ConversationId("c1"))
            await store.add_message(make_message("m2", "m1", "The moon."))
            (chat,) = await store.conversations()
            assert (message.content, chat.title) == ("What makes the tides?", "Tides")
            assert [w.workspace_id for w in await store.workspaces()] == [GENERAL_WORKSPACE_ID]
            return tuple(notice.message for notice in store.database.notices)

    (notice,) = asyncio.run(work())

    assert "were damaged; 1 messages were recovered" in notice


def test_sound_database_has_no_fault(tmp_path: Path) -> None:
    with_store(tmp_path, _fill)
    database = Database.open(database_path(tmp_path))

    assert database.notices == ()
    database.close()


def test_check_tells_the_log_of_no_upgrade(caplog: pytest.LogCaptureFixture) -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, lambda _version: None)
    with caplog.at_level(logging.INFO):
        schema_faults(connection, MIGRATIONS)

    assert caplog.text == ""
