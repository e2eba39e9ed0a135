"""Looks at a database file from outside, whether or not a window has it open; changes nothing.

Any thread but the GUI's.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import quote

import apsw

from realm_desktop.store.migrations import MIGRATIONS

_STOP_STEPS: Final = 1000
"""Between two looks at the clock: less than a millisecond."""


class DatabaseState(StrEnum):
    """What a look from outside tells."""

    MISSING = "missing"
    SOUND = "sound"
    DAMAGED = "damaged"
    NEWER = "newer"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What was found.

    Attributes:
        reason: What SQLite says of damage, or why the file cannot be read; versions of a newer one.
    """

    state: DatabaseState
    reason: str = ""


def check_database_file(path: Path, limit_s: float) -> FileCheck:
    """Read every page of a database file and compare its version with ours.

    Args:
        path: It need not exist.
        limit_s: A check that takes longer ends as UNKNOWN.
    """
    if not path.exists():
        return FileCheck(DatabaseState.MISSING)
    is_over = _stop_after(limit_s)
    try:
        return _check(path, is_over)
    except (apsw.CorruptError, apsw.NotADBError) as error:
        return FileCheck(DatabaseState.DAMAGED, str(error))
    except apsw.InterruptError:
        return FileCheck(DatabaseState.UNKNOWN)
    except apsw.Error as error:
        return FileCheck(DatabaseState.UNREADABLE, str(error))


def _stop_after(limit_s: float) -> threading.Event:
    """Set when the time is up; a check that ended before leaves it to itself."""
    is_over = threading.Event()
    timer = threading.Timer(limit_s, is_over.set)
    timer.daemon = True
    timer.start()
    return is_over


def _check(path: Path, is_over: threading.Event) -> FileCheck:
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    connection = apsw.Connection(_address(path), flags=flags)
    try:
        connection.set_progress_handler(is_over.is_set, _STOP_STEPS)
        version = int(str(connection.execute("PRAGMA user_version").get))
        if version > len(MIGRATIONS):
            reason = f"format {version}; this version knows {len(MIGRATIONS)}"
            return FileCheck(DatabaseState.NEWER, reason)
        fault = str(connection.execute("PRAGMA quick_check(1)").get)
    finally:
        connection.close()
    return FileCheck(DatabaseState.SOUND if fault == "ok" else DatabaseState.DAMAGED, fault)


def _address(path: Path) -> str:
    """The file as SQLite opens it.

    Without a log beside it nobody writes: taken for unchangeable, it is read without the log and the
    index that SQLite would else make and leave.
    """
    log = path.with_name(f"{path.name}-wal")
    is_still = not log.exists() or not log.stat().st_size
    address = f"file:{quote(path.absolute().as_posix())}?mode=ro"
    return f"{address}&immutable=1" if is_still else address
