"""The copies of the database that are kept: listed, verified, and one of them put in its place.

Listing and verifying read files and belong in any thread but the GUI's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

import apsw

from realm_desktop.errors import StoreError
from realm_desktop.store.backup import back_up_before_restore
from realm_desktop.store.database import Database, prepare
from realm_desktop.store.migrations import MIGRATIONS, Migration, migrate, schema_version

logger = logging.getLogger(__name__)


class BackupKind(StrEnum):
    """Why a copy was made; the value is how its name begins."""

    DAILY = "realm-"
    BEFORE_FORMAT = "before-format-"
    BEFORE_RESTORE = "before-restore-"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy on disk; `made_s` is in Unix seconds."""

    path: Path
    kind: BackupKind
    made_s: float
    num_bytes: int


@dataclass(frozen=True, slots=True)
class BackupContent:
    """What a sound copy holds."""

    num_conversations: int
    num_messages: int


async def all_backups(backups_dir: Path) -> list[Backup]:
    """Every copy that is kept, the newest first."""
    return await asyncio.to_thread(_all_backups, backups_dir)


async def verify_backup(path: Path) -> BackupContent:
    """Read a whole copy and say what is in it.

    Raises:
        StoreError: It is damaged or cannot be read.
    """
    return await asyncio.to_thread(_verify, path)


async def restore_backup(
    database: Database,
    path: Path,
    backups_dir: Path,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> Path:
    """Let a copy take the place of everything in the open database.

    What the app holds in memory of the database is wrong afterwards; chats must be closed before.

    Returns:
        The copy of what was there until now.

    Raises:
        StoreError: The copy is damaged, of a newer version, or the disk is full; nothing changed.
    """
    await verify_backup(path)
    return await database.run_alone(
        partial(_restore, path=path, backups_dir=backups_dir, migrations=migrations)
    )


def _all_backups(backups_dir: Path) -> list[Backup]:
    found: list[Backup] = []
    for kind in BackupKind:
        for path in backups_dir.glob(f"{kind.value}*.sqlite3"):
            try:
                status = path.stat()
            except OSError as error:
                logger.warning("a backup cannot be looked at: %s", error)
                continue
            found.append(Backup(path, kind, status.st_mtime, status.st_size))
    return sorted(found, key=lambda backup: backup.made_s, reverse=True)


def _verify(path: Path) -> BackupContent:
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error as error:
        raise _unsound(path, error) from error
    try:
        found = connection.execute("PRAGMA integrity_check(1)").get
        if found != "ok":
            raise apsw.CorruptError(str(found))
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").get
            for table in ("conversations", "messages")
        ]
    except (apsw.Error, UnicodeDecodeError) as error:
        raise _unsound(path, error) from error
    finally:
        connection.close()
    return BackupContent(*(int(str(count)) for count in counts))


def _restore(
    connection: apsw.Connection, path: Path, backups_dir: Path, migrations: Sequence[Migration]
) -> Path:
    """Store thread: keep the present state, then copy page by page in one transaction."""
    source = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        version = schema_version(source)
        if not 0 < version <= len(migrations):
            raise StoreError(
                f"the backup {path.name} has format {version}; this version reads 1 to "
                f"{len(migrations)}",
                advice="Update Realm Desktop, or choose another backup.",
                file=path,
            )
        kept = back_up_before_restore(connection, backups_dir)
        with connection.backup("main", source, "main") as steps:
            steps.step(-1)
    finally:
        source.close()
    # What was there is kept already, so no second copy before the formats change.
    migrate(connection, lambda _version: None, migrations)
    prepare(connection)
    logger.info("backup %s restored; what was there is kept as %s", path.name, kept.name)
    return kept


def _unsound(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"the backup {path.name} is damaged: {error}",
        advice="Choose another backup.",
        file=path,
    )
