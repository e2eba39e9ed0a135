"""Backups listed, verified and put in place."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from realm_desktop.errors import StoreError
from realm_desktop.store.backup import MAX_BACKUPS, MAX_BEFORE_RESTORE, back_up_now
from realm_desktop.store.backup_shelf import (
    BackupContent,
    BackupKind,
    all_backups,
    restore_backup,
    verify_backup,
)
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.migrations import MIGRATIONS
from realm_desktop.store.search import Search
from tests.support.stores import (
    database_path,
    make_conversation,
    make_message,
    open_store,
    with_store,
)


def _backups_dir(tmp_path: Path) -> Path:
    return database_path(tmp_path).parent / "backups"


async def _titles(store: ConversationStore) -> set[str]:
    return {chat.title for chat in await store.conversations()}


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup with one chat; the database itself has another title for it and one more chat."""

    async def work(store: ConversationStore) -> Path:
        await store.save_conversation(make_conversation("c1", "Old title"))
        await store.add_message(make_message("m1", None, "kept words"))
        path = await back_up_now(database_path(tmp_path), _backups_dir(tmp_path))
        await store.save_conversation(make_conversation("c1", "New title"))
        await store.save_conversation(make_conversation("c2", "Later"))
        return path

    return with_store(tmp_path, work)


def test_sound_backup_says_what_is_in_it(backup: Path) -> None:
    assert asyncio.run(verify_backup(backup)) == BackupContent(1, 1)


def test_damaged_backup_is_told(backup: Path) -> None:
    data = bytearray(backup.read_bytes())
    data[4096:12288] = bytes(8192)
    backup.write_bytes(data)

    with pytest.raises(StoreError, match="is damaged"):
        asyncio.run(verify_backup(backup))


def test_every_kind_of_copy_is_listed_newest_first(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    names = ["before-format-3-x.sqlite3", "realm-1.sqlite3", "before-restore-1.sqlite3"]
    for name in [*names, "realm-2.sqlite3.part", "notes.txt"]:
        (folder / name).write_bytes(b"x")

    found = asyncio.run(all_backups(folder))

    assert {backup.kind for backup in found} == set(BackupKind)
    assert sorted(backup.path.name for backup in found) == sorted(names)


def test_folder_without_backups_has_none(tmp_path: Path) -> None:
    assert asyncio.run(all_backups(tmp_path / "none")) == []


def test_restore_brings_the_old_state_and_keeps_the_present(backup: Path, tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> Path:
        kept = await restore_backup(store.database, backup, _backups_dir(tmp_path))
        assert await _titles(store) == {"Old title"}
        assert len(await Search(store.database).contents("words")) == 1
        return kept

    kept = with_store(tmp_path, work)

    assert asyncio.run(verify_backup(kept)).num_conversations == 2
    assert with_store(tmp_path, _titles) == {"Old title"}


def test_damaged_backup_is_not_restored(backup: Path, tmp_path: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:5000])

    async def work(store: ConversationStore) -> set[str]:
        with pytest.raises(StoreError, match="is damaged"):
            await restore_backup(store.database, backup, _backups_dir(tmp_path))
        return await _titles(store)

    assert with_store(tmp_path, work) == {"New title", "Later"}


def test_backup_of_a_newer_version_is_refused(backup: Path, tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> set[str]:
        with pytest.raises(StoreError, match="this version reads 1 to"):
            await restore_backup(store.database, backup, _backups_dir(tmp_path), MIGRATIONS[:-1])
        return await _titles(store)

    assert with_store(tmp_path, work) == {"New title", "Later"}


def test_copies_of_replaced_states_are_capped(backup: Path, tmp_path: Path) -> None:
    folder = _backups_dir(tmp_path)
    for number in range(MAX_BEFORE_RESTORE + 2):
        (folder / f"before-restore-2000{number}.sqlite3").write_bytes(b"x")

    async def work() -> None:
        async with open_store(tmp_path) as store:
            await restore_backup(store.database, backup, folder)

    asyncio.run(work())

    assert len(list(folder.glob("before-restore-*"))) == MAX_BEFORE_RESTORE


def test_backups_on_demand_are_capped_with_the_daily_ones(backup: Path, tmp_path: Path) -> None:
    folder = _backups_dir(tmp_path)
    for number in range(MAX_BACKUPS + 2):
        (folder / f"realm-2000{number}.sqlite3").write_bytes(b"x")

    asyncio.run(back_up_now(database_path(tmp_path), folder))

    assert len(list(folder.glob("realm-*"))) == MAX_BACKUPS
