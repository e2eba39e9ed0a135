"""Opening, sharing and closing the database."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import apsw
import pytest

from realm_desktop.errors import NO_SPACE, StoreError
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database, store_error
from tests.support.stores import database_path, make_conversation, open_store, with_store


def _pragma(path: Path, name: str) -> object:
    database = Database.open(path)
    try:
        return asyncio.run(database.run(lambda connection: connection.pragma(name)))
    finally:
        database.close()


@pytest.mark.parametrize(
    ("name", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_connection_is_durable_and_checks_references(
    tmp_path: Path, name: str, value: object
) -> None:
    assert _pragma(database_path(tmp_path), name) == value


def test_new_database_has_no_notices(tmp_path: Path) -> None:
    database = Database.open(database_path(tmp_path))
    notices = database.notices
    database.close()

    assert notices == ()


def test_work_runs_in_one_thread_of_its_own(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> set[str]:
        names = [store.database.run(lambda _: threading.current_thread().name) for _ in range(5)]
        return set(await asyncio.gather(*names))

    (name,) = with_store(tmp_path, work)
    assert name.startswith("store")


def test_second_open_in_one_process_is_refused(tmp_path: Path) -> None:
    database = Database.open(database_path(tmp_path))
    try:
        with pytest.raises(StoreError, match="open in another Realm Desktop"):
            Database.open(database_path(tmp_path))
    finally:
        database.close()


def test_second_process_is_refused_by_name(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from realm_desktop.store.database import Database\n"
        "database = Database.open(Path(sys.argv[1])); print('open', flush=True); input()\n"
    )
    command = [sys.executable, "-c", code, str(database_path(tmp_path))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(StoreError, match=rf"process {holder.pid}") as caught:
            Database.open(database_path(tmp_path))
        holder.kill()

    assert "--data-dir" in caught.value.advice
    Database.open(database_path(tmp_path)).close()


def test_closed_database_can_be_opened_again(tmp_path: Path) -> None:
    for _ in range(3):
        Database.open(database_path(tmp_path)).close()

    assert not database_path(tmp_path).with_name("realm.sqlite3-wal").exists()


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    database = Database.open(database_path(tmp_path))
    database.close()
    database.close()


def test_work_after_close_is_a_store_error(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_store(tmp_path) as store:
            pass
        with pytest.raises(StoreError, match="closed"):
            await store.workspaces()

    asyncio.run(work())


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be moved elsewhere")
@pytest.mark.parametrize("is_replaced", [False, True])
def test_nothing_is_written_into_a_file_that_was_moved(tmp_path: Path, is_replaced: bool) -> None:
    async def work(store: ConversationStore) -> list[str]:
        path = store.database.path
        moved = path.rename(path.with_name("moved"))
        if is_replaced:
            path.touch()
        with pytest.raises(StoreError, match="moved or deleted"):
            await store.save_conversation(make_conversation("c1"))
        assert await store.conversations() == []
        moved.rename(path)
        await store.save_conversation(make_conversation("c2"))
        return [found.conversation_id for found in await store.conversations()]

    assert with_store(tmp_path, work) == ["c2"]


def test_runtime_error_of_the_work_itself_comes_through(tmp_path: Path) -> None:
    def broken(_: apsw.Connection) -> None:
        raise RuntimeError("a fault of ours")

    async def work(store: ConversationStore) -> None:
        with pytest.raises(RuntimeError, match="a fault of ours"):
            await store.database.run(broken)
        assert len(await store.workspaces()) == 1

    with_store(tmp_path, work)


def test_cancelled_caller_does_not_undo_the_work(tmp_path: Path) -> None:
    started, may_end = threading.Event(), threading.Event()

    def slow(connection: apsw.Connection) -> None:
        started.set()
        may_end.wait(10)
        connection.execute("UPDATE workspaces SET name = 'changed'")

    async def work(store: ConversationStore) -> str:
        task = asyncio.create_task(store.database.run(slow))
        await asyncio.to_thread(started.wait, 10)
        task.cancel()
        may_end.set()
        return (await store.workspaces())[0].name

    assert with_store(tmp_path, work) == "changed"


async def _busy_with(database: Database, *works: Awaitable[None]) -> None:
    """Let the store thread be held up until all of these stand in its queues."""
    started, may_end = threading.Event(), threading.Event()

    def hold(_: apsw.Connection) -> None:
        started.set()
        may_end.wait(10)

    holding = asyncio.ensure_future(database.run(hold))
    await asyncio.to_thread(started.wait, 10)
    waiting = [asyncio.ensure_future(work) for work in works]
    await asyncio.sleep(0)
    may_end.set()
    await asyncio.gather(holding, *waiting)


def test_writes_behind_share_a_commit_and_let_others_go_first(tmp_path: Path) -> None:
    done: list[str] = []

    def note(name: str) -> Callable[[apsw.Connection], None]:
        def work(connection: apsw.Connection) -> None:
            connection.execute("UPDATE workspaces SET colour = colour + 1")
            done.append(name)

        return work

    def on_commit() -> bool:
        done.append("commit")
        return False

    async def work(store: ConversationStore) -> int:
        database = store.database
        database._connection.set_commit_hook(on_commit)
        behind = [database.run_behind(note("journal")) for _ in range(3)]
        await _busy_with(database, *behind, database.run(note("message")))
        return (await store.workspaces())[0].colour

    assert with_store(tmp_path, work) == 4
    held, *rest, read = done
    assert rest == ["message", "commit", "journal", "journal", "journal", "commit"]
    assert (held, read) == ("commit", "commit")


def test_write_behind_that_fails_takes_back_all_of_its_transaction(tmp_path: Path) -> None:
    def sound(connection: apsw.Connection) -> None:
        connection.execute("UPDATE workspaces SET colour = 5")

    def broken(connection: apsw.Connection) -> None:
        connection.execute("UPDATE nothing SET colour = 5")

    async def work(store: ConversationStore) -> int:
        behind = [store.database.run_behind(each) for each in (sound, broken)]
        with pytest.raises(StoreError):
            await _busy_with(store.database, *behind)
        return (await store.workspaces())[0].colour

    assert with_store(tmp_path, work) == 0


def test_close_writes_what_still_waits_behind(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        def change(connection: apsw.Connection) -> None:
            connection.execute("UPDATE workspaces SET colour = 5")

        store.database._thread.submit_behind(change)

    with_store(tmp_path, work)

    assert with_store(tmp_path, lambda store: store.workspaces())[0].colour == 5


def test_folder_below_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot be written") as caught:
        Database.open(tmp_path / "file" / "realm.sqlite3")

    assert "--data-dir" in caught.value.advice


def test_database_that_is_a_folder_is_a_sentence(tmp_path: Path) -> None:
    database_path(tmp_path).mkdir(parents=True)

    with pytest.raises(StoreError) as caught:
        Database.open(database_path(tmp_path))

    assert str(database_path(tmp_path)) in caught.value.message
    assert caught.value.advice


def test_read_only_file_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = database_path(tmp_path)
    Database.open(path).close()
    real = apsw.Connection

    def read_only(name: str) -> apsw.Connection:
        return real(name, flags=apsw.SQLITE_OPEN_READONLY)

    monkeypatch.setattr(apsw, "Connection", read_only)

    with pytest.raises(StoreError, match="cannot be written"):
        Database.open(path)


def test_failed_open_leaves_no_lock_behind(tmp_path: Path) -> None:
    path = database_path(tmp_path)
    path.mkdir(parents=True)
    with pytest.raises(StoreError):
        Database.open(path)
    path.rmdir()

    Database.open(path).close()


def test_old_sqlite_is_refused_with_both_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apsw, "sqlitelibversion", lambda: "3.51.2")

    with pytest.raises(StoreError, match=r"3\.51\.2.*3\.51\.3"):
        Database.open(database_path(tmp_path))


@pytest.mark.parametrize(
    "folder", ["ü 漢字 'x' \"y\"", "a?b#c%20", "f" * 200], ids=["signs", "address", "long"]
)
def test_odd_folder_names_work(tmp_path: Path, folder: str) -> None:
    async def work(store: ConversationStore) -> int:
        await store.save_conversation(make_conversation())
        return len(await store.conversations())

    assert with_store(tmp_path / folder, work) == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (apsw.FullError("x"), "disk is full"),
        (apsw.ReadOnlyError("x"), "cannot be written"),
        (apsw.CorruptError("x"), "damaged"),
        (apsw.BusyError("x"), "another program"),
        (apsw.IOError("disk I/O error"), "disk I/O error"),
        (OSError(5, "Input/output error"), "Input/output error"),
    ],
)
def test_every_failure_has_a_sentence_and_advice(error: apsw.Error | OSError, words: str) -> None:
    translated = store_error(error, Path("/data/realm.sqlite3"))

    assert words in translated.message
    assert "/data/realm.sqlite3" in translated.message
    assert translated.advice


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (apsw.FullError("x"), NO_SPACE),
        (OSError(errno.ENOSPC, "No space left on device"), NO_SPACE),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), NO_SPACE),
        (OSError(errno.EIO, "Input/output error"), None),
        (apsw.IOError("disk I/O error"), None),
    ],
)
def test_full_disk_is_told_from_other_faults(
    error: apsw.Error | OSError, field: str | None
) -> None:
    translated = store_error(error, Path("/data/realm.sqlite3"))

    assert translated.field == field
    assert ("the disk is full" in translated.message) == (field == NO_SPACE)


def test_new_database_begins_with_a_workspace_of_the_given_name(tmp_path: Path) -> None:
    path = database_path(tmp_path)
    Database.open(path, general_name="Allgemein").close()
    database = Database.open(path, general_name="General")
    names = asyncio.run(ConversationStore(database).workspaces())
    database.close()

    assert [workspace.name for workspace in names] == ["Allgemein"]
