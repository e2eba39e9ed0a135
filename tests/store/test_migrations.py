"""The schema, step by step."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw
import pytest

from realm_desktop.errors import StoreError
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.migrations import (
    MIGRATIONS,
    Migration,
    create_search_index,
    create_tables,
    migrate,
    schema_version,
)
from tests.support.stores import database_path, with_store


@pytest.fixture
def connection() -> apsw.Connection:
    return apsw.Connection(":memory:")


def _no_backup(_version: int) -> None:
    raise AssertionError("nothing to back up")


def add_colour(connection: apsw.Connection) -> None:
    """A migration of a later version."""
    connection.execute("ALTER TABLE conversations ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'")


def test_new_database_gets_every_migration_without_a_backup(connection: apsw.Connection) -> None:
    migrate(connection, _no_backup)

    assert schema_version(connection) == len(MIGRATIONS)


def test_migrating_twice_changes_nothing(connection: apsw.Connection) -> None:
    migrate(connection, _no_backup)
    before = connection.execute("SELECT sql FROM sqlite_schema").fetchall()
    migrate(connection, _no_backup)

    assert connection.execute("SELECT sql FROM sqlite_schema").fetchall() == before


@pytest.mark.parametrize("start", range(1, len(MIGRATIONS)))
def test_every_older_version_ends_with_the_same_schema(
    connection: apsw.Connection, start: int
) -> None:
    fresh = apsw.Connection(":memory:")
    migrate(fresh, _no_backup)
    migrate(connection, _no_backup, MIGRATIONS[:start])
    backups: list[int] = []
    migrate(connection, backups.append)

    schema = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    assert connection.execute(schema).fetchall() == fresh.execute(schema).fetchall()
    assert backups == [start]


def test_failed_migration_leaves_the_version_before_it(connection: apsw.Connection) -> None:
    def broken(connection: apsw.Connection) -> None:
        connection.execute("DROP TABLE reply_journal")
        raise apsw.SQLError("stop")

    with pytest.raises(apsw.SQLError):
        migrate(connection, _no_backup, (create_tables, broken))

    assert schema_version(connection) == 1
    assert connection.table_exists(None, "reply_journal")


def test_newer_database_is_refused_with_both_versions(connection: apsw.Connection) -> None:
    connection.pragma("user_version", 99)

    with pytest.raises(StoreError, match=rf"format 99.*up to {len(MIGRATIONS)}") as caught:
        migrate(connection, _no_backup)

    assert "Update" in caught.value.advice


def test_search_index_takes_in_messages_of_the_version_before(connection: apsw.Connection) -> None:
    migrate(connection, _no_backup, (create_tables,))
    connection.execute(
        "INSERT INTO workspaces (workspace_id, name, created_s, updated_s) VALUES ('w', 'W', 1, 1);"
        "INSERT INTO conversations (conversation_id, workspace_id, created_s, updated_s, title) "
        "VALUES ('c', 'w', 1, 1, 'older title')"
    )
    create_search_index(connection)

    found = connection.execute("SELECT rowid FROM conversations_text WHERE title MATCH 'older'")
    assert found.get == 1


def _open(tmp_path: Path, migrations: Sequence[Migration]) -> None:
    Database.open(database_path(tmp_path), migrations=migrations).close()


def test_upgrade_of_a_file_keeps_its_rows_and_a_copy_of_the_old_one(tmp_path: Path) -> None:
    with_store(tmp_path, ConversationStore.workspaces)
    _open(tmp_path, (*MIGRATIONS, add_colour))

    (copy,) = (database_path(tmp_path).parent / "backups").iterdir()
    saved = apsw.Connection(str(copy))
    assert schema_version(saved) == len(MIGRATIONS)
    assert saved.execute("SELECT name FROM workspaces").get == "General"
    saved.close()


def test_upgrade_without_a_possible_backup_changes_nothing(tmp_path: Path) -> None:
    with_store(tmp_path, ConversationStore.workspaces)
    (database_path(tmp_path).parent / "backups").touch()

    with pytest.raises(StoreError, match="backup"):
        _open(tmp_path, (*MIGRATIONS, add_colour))

    assert len(with_store(tmp_path, ConversationStore.workspaces)) == 1


def test_downgrade_is_refused_and_leaves_the_file_alone(tmp_path: Path) -> None:
    _open(tmp_path, (*MIGRATIONS, add_colour))

    with pytest.raises(StoreError, match="newer Realm Desktop"):
        _open(tmp_path, MIGRATIONS)

    _open(tmp_path, (*MIGRATIONS, add_colour))


def test_work_can_run_right_after_an_upgrade(tmp_path: Path) -> None:
    with_store(tmp_path, ConversationStore.workspaces)
    database = Database.open(database_path(tmp_path), migrations=(*MIGRATIONS, add_colour))
    store = ConversationStore(database)

    assert len(asyncio.run(store.workspaces())) == 1
    database.close()


def _upgraded_workspace(connection: apsw.Connection, prompt: str, sampling: str | bytes) -> Any:
    """The settings of a workspace of version 5 after the upgrade."""
    migrate(connection, _no_backup, MIGRATIONS[:5])
    connection.execute(
        "INSERT INTO workspaces (workspace_id, name, created_s, updated_s, system_prompt, sampling) "
        "VALUES ('w', 'W', 1, 1, ?, ?)",
        (prompt, sampling),
    )
    migrate(connection, lambda _version: None, MIGRATIONS[:6])
    return json.loads(str(connection.execute("SELECT settings FROM workspaces").get))


def test_columns_of_a_workspace_become_settings(connection: apsw.Connection) -> None:
    sampling = '{"temperature": 0.3, "top_k": 40, "stop": ["x"], "later": 1}'
    settings = _upgraded_workspace(connection, "Be brief", sampling)

    assert settings == {
        "sampling.temperature": 0.3,
        "sampling.stop": ["x"],
        "sampling.later": 1,
        "system.prompt": "Be brief",
    }


@pytest.mark.parametrize("sampling", ["", "{}", "7", "{", "[" * 99999, b"\xff"])
def test_damaged_columns_of_a_workspace_become_no_settings(
    connection: apsw.Connection, sampling: str | bytes
) -> None:
    assert _upgraded_workspace(connection, " ", sampling) == {}


def test_workspaces_of_before_use_whichever_model_is_loaded(connection: apsw.Connection) -> None:
    migrate(connection, _no_backup, MIGRATIONS[:9])
    connection.execute(
        "INSERT INTO workspaces (workspace_id, name, created_s, updated_s) VALUES ('w', 'W', 1, 1)"
    )
    migrate(connection, lambda _version: None)

    assert connection.execute("SELECT name, model_path FROM workspaces").get == ("W", "")
