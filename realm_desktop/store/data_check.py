"""Checks the whole database while it is open, mends what can be mended, and builds the index anew.

The long reading goes through a connection of its own, so that saving goes on meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from realm_desktop.errors import StoreError
from realm_desktop.store.database import Database, store_error
from realm_desktop.store.recovery import mend_references

logger = logging.getLogger(__name__)

MAX_FAULTS: Final = 20

_STOP_STEPS: Final = 1000
"""Between two looks at whether a check should stop: less than a millisecond."""


@dataclass(frozen=True, slots=True)
class DataCheck:
    """What was found.

    Attributes:
        faults: What SQLite says of damaged pages, at most 20 lines; empty if the file is sound.
        num_mended: References to something that is not there; each was given the nearest that is.
        is_index_rebuilt: Not in a damaged file.
    """

    faults: tuple[str, ...]
    num_conversations: int = 0
    num_messages: int = 0
    num_mended: int = 0
    is_index_rebuilt: bool = False


async def check_data(database: Database) -> DataCheck:
    """Check everything; nothing is changed in a file that is damaged.

    Raises:
        StoreError: The database cannot be read or written.
    """
    faults = await _faults(database, f"integrity_check({MAX_FAULTS})")
    return DataCheck(faults) if faults else await database.run(_mend)


async def check_behind(database: Database) -> StoreError | None:
    """Check the pages that opening the database left unread; returns the sentence if one is damaged.

    Raises:
        StoreError: The database cannot be read.
    """
    if database.was_read_whole or not await _faults(database, "quick_check(1)"):
        return None
    return store_error(apsw.CorruptError(), database.path)


async def _faults(database: Database, pragma: str) -> tuple[str, ...]:
    """What a check says, in another thread; it stops when the caller is cancelled."""
    is_over = threading.Event()
    try:
        faults = await asyncio.to_thread(_damage, database.path, pragma, is_over)
    finally:
        # A large file would else hold up the end of the program.
        is_over.set()
    if faults:
        logger.error("data check: %s", faults)
        database.doubt()
    return faults


def _damage(path: Path, pragma: str, is_over: threading.Event) -> tuple[str, ...]:
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            connection.set_progress_handler(is_over.is_set, _STOP_STEPS)
            cursor = connection.execute(f"PRAGMA {pragma}")
            lines = [str(line) for (line,) in cursor]
        finally:
            connection.close()
    except (apsw.CorruptError, apsw.NotADBError) as error:
        return (str(error),)
    except apsw.Error as error:
        raise store_error(error, path) from error
    return () if lines == ["ok"] else tuple(lines)


def _mend(connection: apsw.Connection) -> DataCheck:
    """Store thread, in one transaction."""
    num_mended = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    if num_mended:
        mend_references(connection)
    # The leaf is no reference of the schema: it is written before the message it names.
    connection.execute(
        "UPDATE conversations SET leaf_id = NULL WHERE leaf_id IS NOT NULL AND NOT EXISTS ("
        "SELECT 1 FROM messages WHERE messages.message_id = conversations.leaf_id "
        "AND messages.conversation_id = conversations.conversation_id)"
    )
    num_mended += connection.changes()
    for table in ("conversations", "messages", "attachments"):
        connection.execute(f"INSERT INTO {table}_text ({table}_text) VALUES ('rebuild')")
    num_conversations, num_messages = (
        int(str(connection.execute(f"SELECT count(*) FROM {table}").get))
        for table in ("conversations", "messages")
    )
    logger.info(
        "data check: %d conversations, %d messages, %d mended",
        num_conversations,
        num_messages,
        num_mended,
    )
    return DataCheck((), num_conversations, num_messages, num_mended, is_index_rebuilt=True)
