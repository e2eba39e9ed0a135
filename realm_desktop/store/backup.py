"""Copies of the database: one a day and on demand, checked before they count, the seven newest kept.

Reads through a connection of its own, so that saving goes on while a backup runs. Any thread but
the GUI's: a copy takes as long as the file is large.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from contextlib import suppress
from pathlib import Path

import apsw

from realm_desktop.errors import StoreError

logger = logging.getLogger(__name__)

MAX_BACKUPS = 7
MAX_BEFORE_RESTORE = 3
"""Copies of what a restored backup replaced."""

BACKUP_INTERVAL_S = 24 * 3600.0

_PREFIX = "realm-"
_MIGRATION_PREFIX = "before-format-"
_RESTORE_PREFIX = "before-restore-"
_SUFFIX = ".sqlite3"
_STAMP = "%Y%m%d-%H%M%S"


async def back_up_if_due(
    database_path: Path, backups_dir: Path, now_s: float | None = None
) -> Path | None:
    """Make today's backup in another thread unless there is one; returns its path.

    Raises:
        StoreError: The copy could not be made or is not sound; older backups are untouched.
    """
    return await asyncio.to_thread(_back_up_if_due, database_path, backups_dir, now_s)


async def back_up_now(database_path: Path, backups_dir: Path) -> Path:
    """Make a backup in another thread, whenever the last one was; returns its path.

    Raises:
        StoreError: The copy could not be made or is not sound; older backups are untouched.
    """
    return await asyncio.to_thread(_back_up, database_path, backups_dir, time.time())


def list_backups(backups_dir: Path) -> list[Path]:
    """All backups of days and on demand, the newest first."""
    found = backups_dir.glob(f"{_PREFIX}*{_SUFFIX}")
    return sorted((path for path in found if path.is_file()), reverse=True)


def back_up_before_migration(connection: apsw.Connection, backups_dir: Path, version: int) -> None:
    """Copy the database before its format changes.

    Raises:
        StoreError: The copy could not be made or is not sound; nothing may be changed then.
    """
    stamp = time.strftime(_STAMP, time.gmtime())
    target = backups_dir / f"{_MIGRATION_PREFIX}{version + 1}-{stamp}{_SUFFIX}"
    _copy(connection, target)


def back_up_before_restore(connection: apsw.Connection, backups_dir: Path) -> Path:
    """Copy the database before a backup takes its place; returns the copy's path.

    Raises:
        StoreError: The copy could not be made or is not sound; nothing may be replaced then.
    """
    target = backups_dir / f"{_RESTORE_PREFIX}{time.strftime(_STAMP, time.gmtime())}{_SUFFIX}"
    _copy(connection, target)
    kept = sorted(backups_dir.glob(f"{_RESTORE_PREFIX}*{_SUFFIX}"), reverse=True)
    for old in kept[MAX_BEFORE_RESTORE:]:
        old.unlink(missing_ok=True)
    return target


def _back_up_if_due(database_path: Path, backups_dir: Path, now_s: float | None) -> Path | None:
    now_s = time.time() if now_s is None else now_s
    newest = next(iter(list_backups(backups_dir)), None)
    if newest is not None and 0 <= now_s - newest.stat().st_mtime < BACKUP_INTERVAL_S:
        return None
    return _back_up(database_path, backups_dir, now_s)


def _back_up(database_path: Path, backups_dir: Path, now_s: float) -> Path:
    target = backups_dir / f"{_PREFIX}{time.strftime(_STAMP, time.gmtime(now_s))}{_SUFFIX}"
    try:
        source = apsw.Connection(str(database_path), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error as error:
        raise _failure(target, error) from error
    try:
        _copy(source, target)
    finally:
        source.close()
    os.utime(target, (now_s, now_s))
    for old in [path for path in list_backups(backups_dir) if path != target][MAX_BACKUPS - 1 :]:
        old.unlink(missing_ok=True)
    logger.info("backup made: %s, %d bytes", target.name, target.stat().st_size)
    return target


def _copy(source: apsw.Connection, target: Path) -> None:
    """Copy, check and only then give the copy its name."""
    unfinished = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        copy = apsw.Connection(str(unfinished))
        try:
            with copy.backup("main", source, "main") as steps:
                steps.step(-1)
            # One file that needs no companion: a backup is not opened in WAL mode.
            copy.pragma("journal_mode", "delete")
            found = copy.execute("PRAGMA integrity_check(1)").get
        finally:
            copy.close()
        if found != "ok":
            raise apsw.CorruptError(str(found))
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    except (apsw.Error, OSError) as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise _failure(target, error) from error


def _failure(target: Path, error: Exception) -> StoreError:
    return StoreError(
        f"the backup {target.name} could not be made: {error}",
        advice="Check the free space; older backups are untouched.",
        file=target,
    )
