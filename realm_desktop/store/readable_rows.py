"""Reads rows so that no damaged text in one of them keeps the others from being read.

A damaged file can hold text that is no UTF-8; SQLite finds nothing wrong with it, but reading it as
text raises. Functions on any connection; store thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import apsw

Row: TypeAlias = "tuple[apsw.SQLiteValue, ...]"


def select(
    connection: apsw.Connection, columns: str, rest: str, values: Sequence[apsw.SQLiteValue] = ()
) -> list[Row]:
    """All rows of a query, bytes that are no UTF-8 as U+FFFD.

    Args:
        connection: Of any database.
        columns: Names separated by a comma and a space.
        rest: What follows them, from `FROM` on.
        values: For its question marks.
    """
    try:
        return connection.execute(f"SELECT {columns} {rest}", values).fetchall()
    except UnicodeDecodeError:
        # Only now: reading texts as bytes and decoding them took 28 of the 117 ms for 10,000 messages.
        found = connection.execute(f"SELECT {readable(columns)} {rest}", values)
        return [decoded(row) for row in found]


def readable(columns: str) -> str:
    """The columns as expressions that can always be read: text comes as its bytes.

    `decoded` makes it text again.
    """
    return ", ".join(
        f"CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END"
        for name in columns.split(", ")
    )


def decoded(row: Row) -> Row:
    """A row of `readable` columns with its texts, bytes that are no UTF-8 as U+FFFD."""
    return tuple(
        value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in row
    )
