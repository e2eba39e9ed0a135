"""The mark of a clean end: what it spares the next start, and what it must never hide."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest

from realm_desktop.errors import StoreError
from realm_desktop.store.clean_end import mark_clean_end, take_clean_end
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.data_check import check_behind
from realm_desktop.store.database import Database
from tests.support.stores import database_path, make_conversation, make_message, with_store


async def _fill(store: ConversationStore) -> None:
    await store.save_conversation(make_conversation())
    for number in range(40):
        await store.add_message(make_message(f"m{number}", None, f"words {number} " * 40))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of 40 messages that was closed in order."""
    with_store(tmp_path, _fill)
    return database_path(tmp_path)


def _was_read_whole(path: Path) -> bool:
    database = Database.open(path)
    database.close()
    return database.was_read_whole


def _damage(path: Path) -> None:
    """Overwrite the last two pages."""
    with path.open("r+b") as file:
        file.seek(-8192, os.SEEK_END)
        file.write(b"\xff" * 8192)


def _damage_unseen(path: Path) -> None:
    """As a failing disk does it: the time of change stays."""
    before = path.stat()
    _damage(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_file_that_was_closed_in_order_is_not_read_whole(path: Path) -> None:
    assert not _was_read_whole(path)
    assert not _was_read_whole(path)


def test_file_without_a_mark_is_read_whole(path: Path) -> None:
    path.with_name(f"{path.name}.clean").unlink()

    assert _was_read_whole(path)


def test_process_that_was_killed_leaves_no_mark(path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from realm_desktop.store.database import Database\n"
        "Database.open(Path(sys.argv[1])); os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)

    assert _was_read_whole(path)


@pytest.mark.parametrize("text", ["", "12", "\xff\xfe", "12 many", "0 0"])
def test_damaged_mark_is_none(path: Path, text: str) -> None:
    path.with_name(f"{path.name}.clean").write_text(text, encoding="latin-1")

    assert _was_read_whole(path)


def test_write_in_the_same_tick_of_a_coarse_clock_would_be_noticed(path: Path) -> None:
    mark_clean_end(path)

    # FAT counts two seconds; the next write gets the time of now.
    assert path.stat().st_mtime < time.time() - 2.0


def test_write_ahead_log_with_content_is_no_clean_end(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(b"not checkpointed")

    assert not take_clean_end(path)


def test_mark_holds_for_one_start(path: Path) -> None:
    assert take_clean_end(path)
    assert not take_clean_end(path)


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="needs a folder we cannot write"
)
def test_mark_that_cannot_be_written_is_no_failure(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        mark_clean_end(path)
    finally:
        path.parent.chmod(0o700)


def test_changed_file_is_recovered_at_once(path: Path) -> None:
    _damage(path)
    database = Database.open(path)
    database.close()

    (notice,) = database.notices
    assert "were damaged" in notice.message


def _checked_behind(path: Path) -> StoreError | None:
    database = Database.open(path)
    try:
        return asyncio.run(check_behind(database))
    finally:
        database.close()


def test_sound_file_has_nothing_to_tell(path: Path) -> None:
    assert _checked_behind(path) is None


def test_damage_that_left_no_trace_is_told_and_recovered_at_the_next_start(path: Path) -> None:
    _damage_unseen(path)
    told = _checked_behind(path)
    database = Database.open(path)
    database.close()

    assert told is not None
    assert "is damaged" in told.message
    assert "Start Realm Desktop again" in told.advice
    assert len(database.notices) == 1
    assert "were damaged" in database.notices[0].message


def test_damage_that_was_read_leaves_no_mark(path: Path) -> None:
    database = Database.open(path)

    def read_damaged(_connection: apsw.Connection) -> None:
        raise apsw.CorruptError("database disk image is malformed")

    with pytest.raises(StoreError, match="is damaged"):
        asyncio.run(database.run(read_damaged))
    database.close()

    assert not take_clean_end(path)
