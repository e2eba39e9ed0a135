"""Whether the schema that a database holds is the one that its migrations make.

SQLite's own check reads pages and trees. It does not notice a changed letter in the text of the schema,
and then no message can be read or saved, at this start and every later one. Store thread.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from realm_desktop.store.migrations import Migration, schema_version

Outline = dict[str, tuple[object, ...]]
"""What each table, index and trigger of a schema amounts to, by its name."""


def schema_faults(connection: apsw.Connection, migrations: Sequence[Migration]) -> list[str]:
    """Names of what is missing or not as it was made; takes about 5 ms.

    Empty for a database of a later version than the migrations make, of which nothing is known.

    Raises:
        apsw.Error: The schema cannot be read at all.
    """
    version = schema_version(connection)
    if not 0 < version <= len(migrations):
        return []
    expected = apsw.Connection(":memory:")
    try:
        # Not by `migrate`: its log would tell at every start of a database that grew by all versions.
        for migration in migrations[:version]:
            migration(expected)
        wanted = _outline(expected)
    finally:
        expected.close()
    found = _outline(connection)
    return [name for name, outline in wanted.items() if found.get(name) != outline]


def _outline(connection: apsw.Connection) -> Outline:
    outline: Outline = {}
    # As bytes: damaged text may be no UTF-8, which apsw refuses to hand out.
    query = "SELECT type, CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema"
    for kind, name, sql in connection.execute(query).fetchall():
        assert isinstance(name, bytes)
        text = name.decode("utf-8", "replace")
        is_virtual = isinstance(sql, bytes) and sql.startswith(b"CREATE VIRTUAL")
        is_table = kind == "table" and not is_virtual
        outline[text] = _table(connection, text) if is_table else (sql,)
    return outline


def _table(connection: apsw.Connection, name: str) -> tuple[object, ...]:
    """Columns and references of a table; its text differs with the way that columns were added."""
    quoted = name.replace('"', '""')
    try:
        return tuple(
            tuple(connection.execute(f'PRAGMA {pragma} ("{quoted}")').fetchall())
            for pragma in ("table_info", "foreign_key_list")
        )
    except UnicodeDecodeError:
        return ()
