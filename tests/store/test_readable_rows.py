"""Reading rows of which some hold damaged text."""

from __future__ import annotations

from collections.abc import Iterator

import apsw
import pytest

from realm_desktop.store.readable_rows import decoded, readable, select

REST = "FROM things WHERE size > ? ORDER BY size"


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    made = apsw.Connection(":memory:")
    made.execute("CREATE TABLE things (name, size)")
    made.executemany("INSERT INTO things VALUES (?, ?)", [("a", 0), ("é", 1), (None, 2)])
    yield made
    made.close()


def _damage(connection: apsw.Connection) -> None:
    connection.execute("INSERT INTO things VALUES (CAST(x'61FF62' AS TEXT), 3)")


def test_sound_rows_are_read_as_they_are(connection: apsw.Connection) -> None:
    assert select(connection, "name, size", REST, (0,)) == [("é", 1), (None, 2)]


def test_text_that_is_no_utf8_costs_only_its_bad_bytes(connection: apsw.Connection) -> None:
    _damage(connection)

    assert select(connection, "name, size", REST, (0,)) == [("é", 1), (None, 2), ("a\ufffdb", 3)]


def test_sound_rows_are_read_once_and_as_text(connection: apsw.Connection) -> None:
    asked: list[str] = []

    def note(_cursor: apsw.Cursor, query: str, _values: object) -> bool:
        asked.append(query)
        return True

    connection.exec_trace = note

    select(connection, "name, size", REST, (0,))

    assert asked == [f"SELECT name, size {REST}"]


def test_readable_columns_come_as_bytes_and_decoded_as_text(connection: apsw.Connection) -> None:
    (row,) = connection.execute(f"SELECT {readable('name, size')} {REST} LIMIT 1", (0,)).fetchall()

    assert row == ("é".encode(), 1)
    assert decoded(row) == ("é", 1)
