"""The one database: a thread that owns the only connection that writes, and a lock file.

WAL with synchronous=FULL: a commit is on disk when `run` returns. The file is checked at every open,
unless the last end was clean: then `data_check.check_behind` does it while the app runs. A damaged one
is set aside with its bytes kept, and the app goes on with what could be recovered.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import apsw

from realm_desktop.errors import NO_SPACE, StoreError
from realm_desktop.store import backup, recovery
from realm_desktop.store.clean_end import mark_clean_end, take_clean_end
from realm_desktop.store.journal import interrupt_open_replies
from realm_desktop.store.lock_file import LockFile
from realm_desktop.store.migrations import MIGRATIONS, Migration, migrate
from realm_desktop.store.records import GENERAL_WORKSPACE_ID
from realm_desktop.store.schema_check import schema_faults
from realm_desktop.store.store_thread import StoreThread

logger = logging.getLogger(__name__)

MIN_SQLITE_VERSION = (3, 51, 3)
"""Earlier versions can corrupt a WAL database that two connections write and checkpoint."""

GENERAL_NAME = "General"
"""Of the workspace that every database has, unless the user's language has another word."""

_BUSY_TIMEOUT_MS = 2000

_JobT = TypeVar("_JobT")
_ResultT = TypeVar("_ResultT")
Work = Callable[[apsw.Connection], _ResultT]


class _Opened(NamedTuple):
    """What opening gave."""

    connection: apsw.Connection
    notices: tuple[StoreError, ...]
    was_read_whole: bool


class Database:
    """An open database. `run` may be called from the event loop, `close` from any thread.

    Owns the store thread, the writing connection and the lock. One process at a time.

    Attributes:
        path: The database file.
        notices: What the user must know about this open, such as a recovered database.
        was_read_whole: Every page was checked at this open.
    """

    def __init__(self, path: Path, lock: LockFile) -> None:
        """Start the thread; `open` does the rest."""
        self.path = path
        self.notices: tuple[StoreError, ...] = ()
        self.was_read_whole = False
        self._is_doubted = False
        self._identity: tuple[int, int] | None = None
        self._lock = lock
        self._connection: apsw.Connection
        self._thread: StoreThread[Work[None]] = StoreThread(self._transact_all)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        migrations: Sequence[Migration] = MIGRATIONS,
        backups_dir: Path | None = None,
        general_name: str = GENERAL_NAME,
    ) -> Database:
        """Open or create the database; reads the whole file to check it unless its end was clean.

        Args:
            path: The database file; its folder is created.
            migrations: Replaces the app's own, for tests.
            backups_dir: Where backups lie; None takes `backups` beside the file.
            general_name: Of the workspace that a new database begins with.

        Raises:
            StoreError: Another process has it open, the folder or file cannot be written, the
                file is of a newer version, or SQLite is too old.
        """
        _check_sqlite_version(apsw.sqlitelibversion())
        lock = LockFile(path.with_name(f"{path.name}.lock"))
        folder = backups_dir or path.parent / "backups"
        database = cls(path, lock)
        opening = partial(_open_sound, path, folder, migrations, general_name)
        try:
            opened = database._thread.submit(opening).result()
        except BaseException as error:
            database._thread.end(lock.release)
            if isinstance(error, apsw.Error | OSError):
                raise store_error(error, path) from error
            raise
        database._connection = opened.connection
        database._identity = _identity(path)
        database.notices = opened.notices
        database.was_read_whole = opened.was_read_whole
        return database

    async def run(self, work: Work[_ResultT]) -> _ResultT:
        """Run `work` on the store thread in one transaction; it is on disk when this returns.

        Once started, the work ends even if the caller is cancelled.

        Raises:
            StoreError: SQLite or the disk failed; nothing of `work` was kept. Also after `close`.
        """
        return await self._wait(self._thread.submit, partial(self._transact, work))

    async def run_behind(self, work: Work[None]) -> None:
        """Run `work` once nothing waits that `run` was given; it is on disk when this returns.

        For small writes that nobody waits for: those that wait together share one transaction, and
        with it the wait for the disk.

        Raises:
            StoreError: SQLite or the disk failed; nothing of any of them was kept. Also after `close`.
        """
        await self._wait(self._thread.submit_behind, work)

    async def run_alone(self, work: Work[_ResultT]) -> _ResultT:
        """Run `work` on the store thread outside of a transaction: it makes its own.

        Raises:
            StoreError: SQLite or the disk failed. Also after `close`.
        """
        return await self._wait(self._thread.submit, partial(self._told, work))

    def doubt(self) -> None:
        """Damage was seen: the next open reads the whole file, finds it and recovers."""
        self._is_doubted = True

    def close(self) -> None:
        """Finish what was asked, close the file and drop the lock; harmless the second time."""
        try:
            self._thread.end(self._close)
        except RuntimeError:
            return  # closed before
        except apsw.Error as error:
            logger.warning("the database did not close cleanly: %s", error)
        self._lock.release()

    def _close(self) -> None:
        """Store thread: close, and tell the next start that nothing was left half done."""
        self._connection.close()
        if not self._is_doubted:
            mark_clean_end(self.path)

    async def _wait(self, submit: Callable[[_JobT], Future[_ResultT]], job: _JobT) -> _ResultT:
        try:
            future = submit(job)
        except RuntimeError as error:
            raise StoreError("the database is closed", file=self.path) from error
        return await asyncio.wrap_future(future)

    def _transact_all(self, works: Sequence[Work[None]]) -> None:
        """Store thread: all of them in one transaction."""

        def one_by_one(connection: apsw.Connection) -> None:
            for work in works:
                work(connection)

        self._transact(one_by_one)

    def _transact(self, work: Work[_ResultT]) -> _ResultT:
        """Store thread: `work` between BEGIN and COMMIT, or rolled back."""

        def transaction(connection: apsw.Connection) -> _ResultT:
            with connection:
                before = connection.total_changes()
                result = work(connection)
                if connection.total_changes() != before:
                    self._require_in_place()
            return result  # mypy: a `with` that might swallow errors returns nothing

        return self._told(transaction)

    def _require_in_place(self) -> None:
        """Refuse to write into a file that nobody would find again.

        SQLite goes on with a file that was moved or deleted, on Unix, and says nothing.
        """
        if _identity(self.path) != self._identity:
            advice = "Put its folder back where it was, then try again."
            raise _failure(self.path, "the file was moved or deleted", advice)

    def _told(self, work: Work[_ResultT]) -> _ResultT:
        """Store thread: `work`, with failures as sentences."""
        try:
            result = work(self._connection)
        except apsw.Error as error:
            logger.warning("the database failed: %s", error)
            if isinstance(error, apsw.CorruptError | apsw.NotADBError):
                self.doubt()
            raise store_error(error, self.path) from error
        return result


def store_error(error: apsw.Error | OSError, path: Path) -> StoreError:
    """The sentence for a failure of SQLite or the disk."""
    if _is_full(error):
        advice = "Free some space; nothing that was saved is lost."
        return _failure(path, "the disk is full", advice, NO_SPACE)
    if isinstance(error, apsw.ReadOnlyError | apsw.PermissionsError):
        what = "the file cannot be written"
        advice = "Allow writing to it or choose another folder with --data-dir."
    elif isinstance(error, apsw.CorruptError | apsw.NotADBError):
        what, advice = "the file is damaged", "Start Realm Desktop again: it will recover it."
    elif isinstance(error, apsw.BusyError):
        what, advice = "another program holds the file", "Close that program and try again."
    else:
        what, advice = str(error), "Check the disk and its free space, then try again."
    return _failure(path, what, advice)


def _is_full(error: apsw.Error | OSError) -> bool:
    if isinstance(error, OSError):  # of a copy beside the database
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, apsw.FullError)


def _failure(path: Path, what: str, advice: str, field: str | None = None) -> StoreError:
    message = f"the conversations could not be read or saved in {path}: {what}"
    return StoreError(message, advice=advice, file=path, field=field)


def _identity(path: Path) -> tuple[int, int] | None:
    """What the file system knows a file by; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def prepare(connection: apsw.Connection, general_name: str = GENERAL_NAME) -> None:
    """Store thread: what must hold before anything is read of a database that was just opened."""
    with connection:
        _ensure_general_workspace(connection, general_name)
        interrupt_open_replies(connection)


def _check_sqlite_version(version: str) -> None:
    """Refuse a SQLite that can corrupt a WAL database."""
    found = tuple(int(part) for part in version.split("."))
    if found < MIN_SQLITE_VERSION:
        wanted = ".".join(map(str, MIN_SQLITE_VERSION))
        raise StoreError(
            f"SQLite {version} is too old for the conversations; {wanted} or later is needed",
            advice="Install apsw again.",
        )
    logger.info("SQLite %s, apsw %s", version, apsw.apswversion())


def _open_sound(
    path: Path, backups_dir: Path, migrations: Sequence[Migration], general_name: str
) -> _Opened:
    """Store thread: a checked, migrated connection, and notices of what was damaged."""
    notices: tuple[StoreError, ...] = ()
    is_clean = take_clean_end(path)
    if _is_damaged(path, backups_dir, migrations, is_clean=is_clean):
        notices = (recovery.set_aside_and_recover(path, backups_dir, migrations),)
    connection = _connect(path)
    try:
        if connection.readonly("main"):
            raise apsw.ReadOnlyError("the file is read-only")  # noqa: TRY301  # closed below like any other failure
        migrate(
            connection,
            lambda version: backup.back_up_before_migration(connection, backups_dir, version),
            migrations,
        )
        prepare(connection, general_name)
    except BaseException:
        connection.close()
        raise
    return _Opened(connection, notices, was_read_whole=not is_clean)


def _is_damaged(
    path: Path, backups_dir: Path, migrations: Sequence[Migration], *, is_clean: bool
) -> bool:
    """Whether the file exists and SQLite finds it unsound, or its schema is not the one we made.

    After a clean end only the schema is read here, which takes milliseconds.
    """
    if not path.exists():
        return False
    if path.stat().st_size == 0:
        # A new database and one cut to nothing look alike; only the second has backups.
        return bool(backup.list_backups(backups_dir))
    try:
        connection = _connect(path)
    except (apsw.CorruptError, apsw.NotADBError):
        return True
    try:
        found = "ok" if is_clean else connection.execute("PRAGMA quick_check(1)").get
        faults = schema_faults(connection, migrations) if found == "ok" else []
    except (apsw.CorruptError, apsw.NotADBError):
        return True
    finally:
        connection.close()
    if found != "ok" or faults:
        logger.error("quick_check: %s; changed in the schema: %s", found, faults or "nothing")
    return found != "ok" or bool(faults)


def _connect(path: Path) -> apsw.Connection:
    """The writing connection with its settings."""
    connection = apsw.Connection(str(path))
    try:
        connection.set_busy_timeout(_BUSY_TIMEOUT_MS)
        connection.transaction_mode = "IMMEDIATE"
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "FULL")
        # macOS: fsync alone leaves data in the drive's cache; elsewhere this does nothing.
        connection.pragma("fullfsync", True)
        connection.pragma("foreign_keys", True)
    except BaseException:
        connection.close()
        raise
    return connection


def _ensure_general_workspace(connection: apsw.Connection, name: str) -> None:
    """Create the workspace that every installation has, unless it is there."""
    now_s = time.time()
    connection.execute(
        "INSERT INTO workspaces (workspace_id, name, created_s, updated_s) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (GENERAL_WORKSPACE_ID, name, now_s, now_s),
    )
