"""What happens to a damaged database: its bytes are set aside, its readable rows are saved.

The new database starts from the newest sound backup, if there is one, and takes every row that the
damaged file still gives; so it holds at least what either holds. Store thread, before the app reads.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias

import apsw

from realm_desktop.errors import StoreError
from realm_desktop.store.backup import list_backups
from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.migrations import Migration, migrate, schema_version
from realm_desktop.store.page_scan import SHAPES, scanned_rows
from realm_desktop.store.readable_rows import readable
from realm_desktop.store.records import GENERAL_WORKSPACE_ID

logger = logging.getLogger(__name__)

_KEYS = {
    "workspaces": "workspace_id",
    "conversations": "conversation_id",
    "messages": "message_id",
    "reply_journal": "message_id",
    "adapters": "adapter_id",
    "folders": "folder_id",
    "unsent_attachments": "conversation_id",
    "conversation_notes": "conversation_id",
    "workspace_notes": "workspace_id",
}
TABLES = tuple(_KEYS)
"""What is recovered, in an order that references allow."""

_OWNED = {
    "unsent_attachments": "conversations",
    "conversation_notes": "conversations",
    "workspace_notes": "workspaces",
}
"""Tables of later versions, and whose rows theirs belong to by the key of both."""

NumberedRow: TypeAlias = "tuple[int, dict[str, apsw.SQLiteValue]]"

_NUM_SINGLE_STEPS = 500
_MAX_FAILURES = _NUM_SINGLE_STEPS + 30


def set_aside_and_recover(
    path: Path, backups_dir: Path, migrations: Sequence[Migration]
) -> StoreError:
    """Replace the damaged database at `path` by what can be recovered.

    The original is copied aside first and replaced in one step last: a crash between repeats it all.

    Returns:
        The sentence for the user: what was recovered, and where the damaged file is kept.

    Raises:
        OSError: There is no space for a copy; nothing was changed.
    """
    kept = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    for suffix in ("", "-wal"):
        if path.with_name(path.name + suffix).exists():
            shutil.copy2(path.with_name(path.name + suffix), kept.with_name(kept.name + suffix))
    recovered = path.with_name(f"{path.name}.recovering")
    recovered.unlink(missing_ok=True)
    backup = _restore_newest_sound(backups_dir, recovered)
    _mend_first_page(path, migrations)
    num_messages = _build(path, recovered, migrations)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    recovered.replace(path)
    source = "the damaged file" if backup is None else f"the damaged file and backup {backup.name}"
    notice = StoreError(
        f"the conversations in {path} were damaged; {num_messages} messages were recovered "
        f"from {source}",
        advice=f"The damaged file is kept as {kept.name}.",
        file=path,
    )
    logger.error("%s", notice.message)
    return notice


def mend_references(target: apsw.Connection) -> None:
    """Give rows whose parent was lost the nearest one that is left."""
    now_s = time.time()
    target.execute(
        "INSERT INTO workspaces (workspace_id, name, created_s, updated_s) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (GENERAL_WORKSPACE_ID, "General", now_s, now_s),
    )
    target.execute(
        "INSERT INTO conversations (conversation_id, workspace_id, title, created_s, updated_s) "
        "SELECT conversation_id, ?, 'Recovered chat', min(created_s), max(created_s) "
        "FROM messages WHERE conversation_id NOT IN (SELECT conversation_id FROM conversations) "
        "GROUP BY conversation_id",
        (GENERAL_WORKSPACE_ID,),
    )
    target.execute(
        "UPDATE conversations SET workspace_id = ? "
        "WHERE workspace_id NOT IN (SELECT workspace_id FROM workspaces)",
        (GENERAL_WORKSPACE_ID,),
    )
    target.execute(
        "UPDATE messages SET parent_id = ("
        "SELECT earlier.message_id FROM messages AS earlier "
        "WHERE earlier.conversation_id = messages.conversation_id "
        "AND earlier.number < messages.number ORDER BY earlier.number DESC LIMIT 1) "
        "WHERE parent_id NOT IN (SELECT message_id FROM messages)"
    )
    target.execute(
        "DELETE FROM reply_journal WHERE message_id NOT IN (SELECT message_id FROM messages)"
    )
    for table, owners in _OWNED.items():
        key = _KEYS[table]
        if target.table_exists(None, table):  # not in a file of an older version
            target.execute(f"DELETE FROM {table} WHERE {key} NOT IN (SELECT {key} FROM {owners})")


def _mend_first_page(damaged: Path, migrations: Sequence[Migration]) -> None:
    """Give a file whose first page is lost that of an empty database.

    The page tells where each table begins. Every database is made by the same migrations in the
    same order, so it is the same in all of them.
    """
    if _has_tables(damaged):
        return
    empty = damaged.with_name(f"{damaged.name}.empty")
    empty.unlink(missing_ok=True)
    connection = apsw.Connection(str(empty))
    migrate(connection, lambda _version: None, migrations)
    page_bytes = connection.pragma("page_size")
    connection.close()
    assert isinstance(page_bytes, int)
    num_pages = damaged.stat().st_size // page_bytes
    page = bytearray(empty.read_bytes()[:page_bytes])
    # Database size in pages, SQLite file format 1.3.8.
    page[28:32] = num_pages.to_bytes(4, "big")
    with damaged.open("r+b") as file:
        file.write(page)
    empty.unlink()


def _has_tables(path: Path) -> bool:
    """Whether SQLite still finds the tables of a damaged file."""
    try:
        connection = apsw.Connection(str(path))
    except apsw.Error:
        return False
    try:
        return connection.table_exists(None, "messages")
    except (apsw.Error, UnicodeDecodeError):
        return False
    finally:
        connection.close()


def _restore_newest_sound(backups_dir: Path, target: Path) -> Path | None:
    """Copy the newest backup that passes its check to `target`; None if there is none."""
    for backup in list_backups(backups_dir):
        shutil.copyfile(backup, target)
        if _is_sound(target):
            return backup
        target.unlink()
    return None


def _is_sound(path: Path) -> bool:
    try:
        connection = apsw.Connection(str(path))
    except apsw.Error:
        return False
    try:
        return bool(connection.execute("PRAGMA integrity_check(1)").get == "ok")
    except apsw.Error:
        return False
    finally:
        connection.close()


def _build(damaged: Path, recovered: Path, migrations: Sequence[Migration]) -> int:
    """Make `recovered` a whole database with every readable row; returns how many messages."""
    target = apsw.Connection(str(recovered))
    try:
        # Rows of an older version go where its columns are; then they are brought forward.
        first = migrations[: _version_of(damaged) or None]
        migrate(target, lambda _version: None, first)
        with target:
            for table in TABLES:
                _copy_rows(damaged, target, table)
            mend_references(target)
        migrate(target, lambda _version: None, migrations)
        count = target.execute("SELECT count(*) FROM messages").get
        assert isinstance(count, int)
        return count
    finally:
        target.close()


def _version_of(path: Path) -> int:
    """How many migrations a damaged file has seen; 0 if it cannot say."""
    try:
        connection = apsw.Connection(str(path))
    except apsw.Error:
        return 0
    try:
        return schema_version(connection)
    except apsw.Error:
        return 0
    finally:
        connection.close()


def _copy_rows(damaged: Path, target: apsw.Connection, table: str) -> None:
    """Upsert the readable rows of one table; rows of the damaged file are the newer ones."""
    known = [str(row[1]) for row in target.execute(f"PRAGMA table_info ({table})")]
    key = _KEYS[table]
    for _, row in _all_rows(damaged, table, known, key):
        columns = [name for name in known if name in row and name != "number"]
        updates = ", ".join(f"{name} = excluded.{name}" for name in columns if name != key)
        try:
            target.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) "
                f"VALUES ({', '.join('?' * len(columns))}) "
                f"ON CONFLICT ({key}) DO UPDATE SET {updates}",
                [row[name] for name in columns],
            )
        except apsw.Error as error:
            logger.warning("a row of %s was not recovered: %s", table, error)


def _all_rows(damaged: Path, table: str, columns: Sequence[str], key: str) -> Iterator[NumberedRow]:
    """Row numbers and rows in the order they were written, also those that SQLite finds no more."""
    if table not in SHAPES:
        return _readable_rows(damaged, table, columns)
    found = {row.get(key) for _, row in _readable_rows(damaged, table, columns)}
    lost: dict[apsw.SQLiteValue, NumberedRow] = {}
    for rowid, row in scanned_rows(damaged, table, columns):
        if row[key] not in found:
            lost[row[key]] = rowid, row
    if lost:
        logger.warning("%d rows of %s were found in single pages", len(lost), table)
    # In their old order: a reply must not come before the message that it answers.
    in_order = sorted(lost.values(), key=itemgetter(0))
    return merge(_readable_rows(damaged, table, columns), in_order, key=itemgetter(0))


def _readable_rows(damaged: Path, table: str, known: Sequence[str]) -> Iterator[NumberedRow]:
    """Row numbers and rows in the order they were written; unreadable stretches are stepped over."""
    try:
        connection = apsw.Connection(str(damaged))
    except apsw.Error:
        return
    try:
        # Reads on although parts of the schema cannot be understood.
        connection.config(apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1)
        columns = _columns_of(connection, table, known)
        next_rowid, num_failures = 0, 0
        while columns and num_failures < _MAX_FAILURES:
            try:
                for rowid, values in _rows_from(connection, table, columns, next_rowid):
                    next_rowid, num_failures = rowid + 1, 0
                    yield rowid, values
                break
            except apsw.Error as error:
                if num_failures == 0:
                    logger.warning("%s is unreadable from row %d on: %s", table, next_rowid, error)
                # One by one through a damaged page, then in leaps over a lost part of the tree.
                next_rowid += 2 ** max(0, num_failures - _NUM_SINGLE_STEPS)
                num_failures += 1
    except (apsw.Error, UnicodeDecodeError) as error:
        logger.warning("%s cannot be read: %s", table, error)
    finally:
        connection.close()


def _columns_of(connection: apsw.Connection, table: str, known: Sequence[str]) -> Sequence[str]:
    """Names for the columns of a damaged table: those we know, unless it has more or fewer.

    A letter of the schema may be what is damaged; the place of a column tells what it holds.
    """
    count = connection.execute("SELECT count(*) FROM pragma_table_info(?)", (table,)).get
    if count == len(known):
        return known
    return [str(row[1]) for row in connection.execute(f"PRAGMA table_info ({table})")]


def _rows_from(
    connection: apsw.Connection, table: str, columns: Sequence[str], first_rowid: int
) -> Iterator[NumberedRow]:
    """Rows by ascending rowid until one cannot be read.

    Raises:
        apsw.Error: At the first row that cannot be read.
    """
    types = ", ".join(f"typeof({name})" for name in columns)
    query = (
        f"WITH rows (row_number, {', '.join(columns)}) AS "
        f"(SELECT rowid, * FROM {table} NOT INDEXED WHERE rowid >= ? ORDER BY rowid) "
        f"SELECT row_number, {types}, {readable(', '.join(columns))} FROM rows"
    )
    last_rowid = first_rowid - 1
    for rowid, *rest in connection.execute(query, (first_rowid,)):
        # Pages that point at each other would give the same rows for ever.
        if not isinstance(rowid, int) or rowid <= last_rowid:
            raise apsw.CorruptError(f"row {rowid} follows row {last_rowid}")
        last_rowid = rowid
        kinds, values = rest[: len(columns)], rest[len(columns) :]
        yield (
            rowid,
            {
                name: _as_stored(kind, value)
                for name, kind, value in zip(columns, kinds, values, strict=True)
            },
        )


def _as_stored(kind: apsw.SQLiteValue, value: apsw.SQLiteValue) -> apsw.SQLiteValue:
    """Text that came as bytes, cleaned as if it were stored now; everything else as it is."""
    if kind == "text" and isinstance(value, bytes):
        return clean_text(value.decode("utf-8", "replace"))
    return value
