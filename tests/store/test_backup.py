"""Daily copies of the database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from realm_desktop.errors import StoreError
from realm_desktop.store import backup as backup_module
from realm_desktop.store.backup import MAX_BACKUPS, back_up_if_due, list_backups
from realm_desktop.store.conversations import ConversationStore
from tests.support.stores import (
    database_path,
    make_conversation,
    make_message,
    open_store,
    with_store,
)

DAY_S = 86400.0
START_S = 1_800_000_000.0


def _backups_dir(tmp_path: Path) -> Path:
    return database_path(tmp_path).parent / "backups"


def _back_up(tmp_path: Path, now_s: float) -> Path | None:
    return asyncio.run(back_up_if_due(database_path(tmp_path), _backups_dir(tmp_path), now_s))


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    async def fill(store: ConversationStore) -> None:
        await store.save_conversation(make_conversation())
        await store.add_message(make_message("m1", None, "kept text"))

    with_store(tmp_path, fill)
    return tmp_path


def test_backup_holds_every_message_and_is_sound(filled: Path) -> None:
    target = _back_up(filled, START_S)

    assert target is not None
    copy = apsw.Connection(str(target), flags=apsw.SQLITE_OPEN_READONLY)
    assert copy.execute("PRAGMA integrity_check").get == "ok"
    assert copy.execute("SELECT content FROM messages").get == "kept text"
    copy.close()
    assert [path.name for path in _backups_dir(filled).iterdir()] == [target.name]


def test_backup_runs_while_the_database_is_open_and_written(filled: Path) -> None:
    async def work() -> Path | None:
        async with open_store(filled) as store:
            await store.add_message(make_message("m2", "m1", "still in the log"))
            saving = store.add_message(make_message("m3", "m2"))
            path, _ = await asyncio.gather(
                back_up_if_due(database_path(filled), _backups_dir(filled), START_S), saving
            )
            return path

    target = asyncio.run(work())
    copy = apsw.Connection(str(target), flags=apsw.SQLITE_OPEN_READONLY)
    found = copy.execute("SELECT content FROM messages WHERE message_id = 'm2'").get
    copy.close()

    assert found == "still in the log"


def test_second_backup_of_a_day_is_not_made(filled: Path) -> None:
    _back_up(filled, START_S)

    assert _back_up(filled, START_S + DAY_S - 1) is None
    assert _back_up(filled, START_S + DAY_S) is not None


def test_only_the_newest_backups_are_kept(filled: Path) -> None:
    made = [_back_up(filled, START_S + day * DAY_S) for day in range(MAX_BACKUPS + 3)]

    assert list_backups(_backups_dir(filled)) == made[-1 : -MAX_BACKUPS - 1 : -1]


def test_clock_set_back_still_makes_a_backup_and_keeps_it(filled: Path) -> None:
    for day in range(MAX_BACKUPS):
        _back_up(filled, START_S + day * DAY_S)

    target = _back_up(filled, START_S - 300 * DAY_S)

    assert target in list_backups(_backups_dir(filled))
    assert len(list_backups(_backups_dir(filled))) == MAX_BACKUPS


def test_database_that_is_not_there_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not be made"):
        _back_up(tmp_path, START_S)


def test_impossible_folder_is_a_store_error(filled: Path) -> None:
    _backups_dir(filled).touch()

    with pytest.raises(StoreError, match="could not be made") as caught:
        _back_up(filled, START_S)

    assert "space" in caught.value.advice


def test_damaged_database_makes_no_backup_and_costs_none(filled: Path) -> None:
    kept = _back_up(filled, START_S)
    with database_path(filled).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)

    with pytest.raises(StoreError):
        _back_up(filled, START_S + 2 * DAY_S)

    assert list(_backups_dir(filled).iterdir()) == [kept]


def test_unfinished_copy_is_removed(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_module, "os", _FakeOs(full))
    with pytest.raises(StoreError, match="No space left"):
        _back_up(filled, START_S)

    assert list(_backups_dir(filled).iterdir()) == []


class _FakeOs:
    """The two calls that a backup makes, one of which fails."""

    def __init__(self, fsync: object) -> None:
        self.fsync = fsync
