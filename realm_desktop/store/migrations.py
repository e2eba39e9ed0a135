"""The database schema as ordered functions; `user_version` counts those that ran.

A migration never changes after a release: a new one is appended. Each runs in one transaction with
its version number, so a crash leaves the version before or after, nothing between. Store thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import apsw

from realm_desktop.errors import StoreError
from realm_desktop.store.former_settings import settings_of_version_5

logger = logging.getLogger(__name__)

Migration = Callable[[apsw.Connection], None]

_WORKSPACES_AND_CONVERSATIONS = """
CREATE TABLE workspaces (
    workspace_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_s REAL NOT NULL,
    updated_s REAL NOT NULL,
    system_prompt TEXT NOT NULL DEFAULT '',
    sampling TEXT NOT NULL DEFAULT '{}',
    position INTEGER NOT NULL DEFAULT 0,
    weight REAL NOT NULL DEFAULT 1.0
);
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL UNIQUE,
    workspace_id TEXT NOT NULL REFERENCES workspaces,
    title TEXT NOT NULL DEFAULT '',
    created_s REAL NOT NULL,
    updated_s REAL NOT NULL,
    is_pinned INTEGER NOT NULL DEFAULT 0,
    deleted_s REAL,
    leaf_id TEXT,
    unsent_text TEXT NOT NULL DEFAULT '',
    queued_texts TEXT NOT NULL DEFAULT '[]',
    is_unseen INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX conversations_by_workspace ON conversations (workspace_id);
"""

_MESSAGES_AND_JOURNAL = """
CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL
        REFERENCES conversations (conversation_id) ON DELETE CASCADE,
    parent_id TEXT REFERENCES messages (message_id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    created_s REAL NOT NULL,
    finish_reason TEXT,
    stats TEXT,
    error TEXT,
    model_name TEXT NOT NULL DEFAULT '',
    seed INTEGER,
    is_edited INTEGER NOT NULL DEFAULT 0,
    token_ids BLOB
);
CREATE INDEX messages_by_conversation ON messages (conversation_id, number);
CREATE INDEX messages_by_parent ON messages (parent_id);
CREATE INDEX messages_streaming ON messages (state) WHERE state = 'streaming';
CREATE TABLE reply_journal (
    message_id TEXT NOT NULL PRIMARY KEY
        REFERENCES messages (message_id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    token_ids BLOB NOT NULL
);
"""


def create_tables(connection: apsw.Connection) -> None:
    """Version 1: workspaces, conversations, message trees, the journal of open replies."""
    connection.execute(_WORKSPACES_AND_CONVERSATIONS)
    connection.execute(_MESSAGES_AND_JOURNAL)


def create_search_index(connection: apsw.Connection) -> None:
    """Version 2: full-text index over titles and contents, kept in step by triggers.

    The trigram tokenizer finds any three characters in a row, so that languages without spaces
    can be searched too. The index stores no text of its own (external content).
    """
    for table, column in (("conversations", "title"), ("messages", "content")):
        connection.execute(f"""
            CREATE VIRTUAL TABLE {table}_text USING fts5 (
                {column}, content = '{table}', content_rowid = 'number',
                tokenize = 'trigram remove_diacritics 1'
            );
            INSERT INTO {table}_text ({table}_text) VALUES ('rebuild');
            CREATE TRIGGER {table}_text_insert AFTER INSERT ON {table} BEGIN
                INSERT INTO {table}_text (rowid, {column}) VALUES (new.number, new.{column});
            END;
            CREATE TRIGGER {table}_text_delete AFTER DELETE ON {table} BEGIN
                INSERT INTO {table}_text ({table}_text, rowid, {column})
                VALUES ('delete', old.number, old.{column});
            END;
            CREATE TRIGGER {table}_text_update AFTER UPDATE OF {column} ON {table}
            WHEN old.{column} IS NOT new.{column} BEGIN
                INSERT INTO {table}_text ({table}_text, rowid, {column})
                VALUES ('delete', old.number, old.{column});
                INSERT INTO {table}_text (rowid, {column}) VALUES (new.number, new.{column});
            END;
        """)


def add_adapters(connection: apsw.Connection) -> None:
    """Version 3: adapters, the mix of each workspace, and what a reply was made with."""
    connection.execute("""
        CREATE TABLE adapters (
            adapter_id TEXT NOT NULL PRIMARY KEY,
            path BLOB NOT NULL,
            name TEXT NOT NULL DEFAULT '',
            added_s REAL NOT NULL,
            slot INTEGER NOT NULL DEFAULT 0,
            is_kept_warm INTEGER NOT NULL DEFAULT 0
        );
        ALTER TABLE workspaces ADD COLUMN adapters TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE messages ADD COLUMN adapters TEXT NOT NULL DEFAULT '[]';
    """)


def add_folders(connection: apsw.Connection) -> None:
    """Version 4: folders inside workspaces; colour and priority of a workspace.

    A conversation names its folder without a reference: when a folder is deleted its members keep
    the name, stand loose in their workspace, and are back in it when the deletion is undone.
    """
    connection.execute("""
        CREATE TABLE folders (
            folder_id TEXT NOT NULL PRIMARY KEY,
            workspace_id TEXT NOT NULL
                REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
            name TEXT NOT NULL DEFAULT '',
            created_s REAL NOT NULL,
            parent_id TEXT
        );
        ALTER TABLE conversations ADD COLUMN folder_id TEXT;
        ALTER TABLE workspaces ADD COLUMN colour INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE workspaces ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
    """)


def add_reply_sampling(connection: apsw.Connection) -> None:
    """Version 5: how the tokens of each reply were chosen; replies before it do not know."""
    connection.execute("ALTER TABLE messages ADD COLUMN sampling TEXT")


def add_setting_scopes(connection: apsw.Connection) -> None:
    """Version 6: settings of workspaces and conversations by key, in place of two columns."""
    connection.execute("""
        ALTER TABLE workspaces ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE conversations ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
    """)
    query = (
        "SELECT workspace_id, CAST(system_prompt AS BLOB), CAST(sampling AS BLOB) FROM workspaces"
    )
    for workspace_id, prompt, sampling in connection.execute(query).fetchall():
        settings = settings_of_version_5(prompt, sampling)
        connection.execute(
            "UPDATE workspaces SET settings = ? WHERE workspace_id = ?", (settings, workspace_id)
        )
    connection.execute("""
        ALTER TABLE workspaces DROP COLUMN system_prompt;
        ALTER TABLE workspaces DROP COLUMN sampling;
    """)


def add_stars(connection: apsw.Connection) -> None:
    """Version 7: stars on messages; few have one, and a training asks for them alone."""
    connection.execute("""
        ALTER TABLE messages ADD COLUMN is_starred INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX messages_starred ON messages (conversation_id) WHERE is_starred;
    """)


def add_attachments(connection: apsw.Connection) -> None:
    """Version 8: files that go with messages, with what waits and with what stands in the composer.

    Those of the composer have a table of their own: the row of a conversation is written every second
    while somebody types, and files can be long. Few messages have any, so they are indexed apart from
    the contents, which makes this upgrade as quick for 100,000 messages as for none.
    """
    connection.execute("""
        ALTER TABLE messages ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE conversations ADD COLUMN queued_attachments TEXT NOT NULL DEFAULT '[]';
        CREATE TABLE unsent_attachments (
            conversation_id TEXT NOT NULL PRIMARY KEY
                REFERENCES conversations (conversation_id) ON DELETE CASCADE,
            attachments TEXT NOT NULL
        );
        CREATE VIRTUAL TABLE attachments_text USING fts5 (
            attachments, content = 'messages', content_rowid = 'number',
            tokenize = 'trigram remove_diacritics 1'
        );
        CREATE TRIGGER attachments_text_insert AFTER INSERT ON messages
        WHEN new.attachments IS NOT '[]' BEGIN
            INSERT INTO attachments_text (rowid, attachments) VALUES (new.number, new.attachments);
        END;
        CREATE TRIGGER attachments_text_delete AFTER DELETE ON messages
        WHEN old.attachments IS NOT '[]' BEGIN
            INSERT INTO attachments_text (attachments_text, rowid, attachments)
            VALUES ('delete', old.number, old.attachments);
        END;
        CREATE TRIGGER attachments_text_removed AFTER UPDATE OF attachments ON messages
        WHEN old.attachments IS NOT new.attachments AND old.attachments IS NOT '[]' BEGIN
            INSERT INTO attachments_text (attachments_text, rowid, attachments)
            VALUES ('delete', old.number, old.attachments);
        END;
        CREATE TRIGGER attachments_text_added AFTER UPDATE OF attachments ON messages
        WHEN old.attachments IS NOT new.attachments AND new.attachments IS NOT '[]' BEGIN
            INSERT INTO attachments_text (rowid, attachments) VALUES (new.number, new.attachments);
        END;
    """)


def add_left_out(connection: apsw.Connection) -> None:
    """Version 9: how many of the oldest messages a reply was made without, to go on with it alike."""
    connection.execute("ALTER TABLE messages ADD COLUMN num_left_out INTEGER NOT NULL DEFAULT 0")


def add_workspace_model(connection: apsw.Connection) -> None:
    """Version 10: the model of a workspace; those from before use whichever is loaded."""
    connection.execute("ALTER TABLE workspaces ADD COLUMN model_path TEXT NOT NULL DEFAULT ''")


def add_notes(connection: apsw.Connection) -> None:
    """Version 11: notes of chats and of workspaces.

    In tables of their own: the rows of chats are all read at the start and written at every message,
    and notes can be long.
    """
    connection.execute("""
        CREATE TABLE conversation_notes (
            conversation_id TEXT NOT NULL PRIMARY KEY
                REFERENCES conversations (conversation_id) ON DELETE CASCADE,
            text TEXT NOT NULL
        );
        CREATE TABLE workspace_notes (
            workspace_id TEXT NOT NULL PRIMARY KEY
                REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
            text TEXT NOT NULL
        );
    """)


def add_reply_thinking(connection: apsw.Connection) -> None:
    """Version 12: whether a reply was to be thought over; replies before it do not know."""
    connection.execute("ALTER TABLE messages ADD COLUMN thinking TEXT NOT NULL DEFAULT ''")


def add_reply_origin(connection: apsw.Connection) -> None:
    """Version 13: marks of what a reply was asked with; replies before it do not know."""
    connection.execute("ALTER TABLE messages ADD COLUMN origin TEXT NOT NULL DEFAULT ''")


MIGRATIONS: tuple[Migration, ...] = (
    create_tables,
    create_search_index,
    add_adapters,
    add_folders,
    add_reply_sampling,
    add_setting_scopes,
    add_stars,
    add_attachments,
    add_left_out,
    add_workspace_model,
    add_notes,
    add_reply_thinking,
    add_reply_origin,
)
"""Function n makes version n + 1 out of version n."""


def schema_version(connection: apsw.Connection) -> int:
    """How many migrations this database has seen; 0 for a new one."""
    version = connection.pragma("user_version")
    assert isinstance(version, int)
    return version


def migrate(
    connection: apsw.Connection,
    back_up: Callable[[int], None],
    migrations: Sequence[Migration] = MIGRATIONS,
) -> None:
    """Bring the database to the newest version.

    Args:
        connection: The writing connection, outside a transaction.
        back_up: Called with the old version before the first change to a database with content.
        migrations: Replaces the app's own, for tests.

    Raises:
        StoreError: The database was written by a newer version of the app.
    """
    version = schema_version(connection)
    if version > len(migrations):
        raise StoreError(
            f"the conversations were saved by a newer Realm Desktop: "
            f"format {version}, this version reads up to {len(migrations)}",
            advice="Update Realm Desktop, or choose another folder with --data-dir.",
            field="user_version",
        )
    if 0 < version < len(migrations):
        back_up(version)
    for number, migration in enumerate(migrations[version:], start=version + 1):
        with connection:
            migration(connection)
            connection.pragma("user_version", number)
        logger.info("database brought to format %d", number)
