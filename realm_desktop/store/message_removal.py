"""Takes messages out of a conversation, and puts them back as they were.

One transaction each on the store thread. What is taken out is kept as whole rows with their numbers,
so that it returns to its place, tokens and unknown columns included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import apsw

from realm_desktop.store.database import Database
from realm_desktop.store.readable_rows import Row
from realm_desktop.store.records import ConversationId, MessageId

_ALONE: Final = "SELECT number FROM messages WHERE message_id = ?"
_BELOW: Final = (
    "WITH RECURSIVE below (id, number) AS (SELECT message_id, number FROM messages "
    "WHERE message_id = ? UNION ALL SELECT messages.message_id, messages.number "
    "FROM messages JOIN below ON messages.parent_id = below.id) "
    "SELECT number FROM below"
)
"""Numbers of a message, or of it and everything that answers it."""


@dataclass(frozen=True, slots=True)
class RemovedMessages:
    """What was taken out.

    Attributes:
        columns: Names of the values of each row.
        rows: Of the messages, parents first.
        children: Messages that stayed and answered the one that went.
        leaf_id: The last message of the branch that was visible before.
    """

    conversation_id: ConversationId
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    parent_id: MessageId
    children: tuple[str, ...]
    leaf_id: MessageId | None


async def remove_messages(
    database: Database,
    conversation_id: ConversationId,
    message_id: MessageId,
    *,
    with_below: bool,
    leaf_id: MessageId | None,
) -> RemovedMessages:
    """Take out a message, or it and everything below it.

    Args:
        database: Has it.
        conversation_id: Its conversation.
        message_id: The one.
        with_below: False moves what answers it to the message before it.
        leaf_id: The last message of the visible branch from now on.

    Raises:
        StoreError: Nothing was removed.
    """

    def work(connection: apsw.Connection) -> RemovedMessages:
        query = _BELOW if with_below else _ALONE
        found = connection.execute(
            f"SELECT * FROM messages WHERE number IN ({query}) ORDER BY number", (message_id,)
        ).fetchall()
        names = tuple(str(row[1]) for row in connection.execute("PRAGMA table_info (messages)"))
        was_leaf = connection.execute(
            "SELECT leaf_id FROM conversations WHERE conversation_id = ?", (conversation_id,)
        ).get
        children: tuple[str, ...] = ()
        if not with_below:
            children = _give_children_to_parent(connection, message_id)
        connection.execute("DELETE FROM messages WHERE message_id = ?", (message_id,))
        _set_leaf(connection, conversation_id, leaf_id)
        was = None if was_leaf is None else MessageId(str(was_leaf))
        return RemovedMessages(conversation_id, names, tuple(found), message_id, children, was)

    return await database.run(work)


async def restore_messages(database: Database, removed: RemovedMessages) -> None:
    """Put messages back where they were; what was added since stays.

    Raises:
        StoreError: Nothing was put back.
    """

    def work(connection: apsw.Connection) -> None:
        # Rows that were the last get new numbers if messages sent since have theirs; only whole ends
        # of a tree can be the last, so parents stay before children.
        start = int(_has_numbers_taken(connection, removed))
        names = ", ".join(removed.columns[start:])
        marks = ", ".join("?" * len(removed.columns[start:]))
        connection.executemany(
            f"INSERT INTO messages ({names}) VALUES ({marks})",
            [row[start:] for row in removed.rows],
        )
        connection.executemany(
            "UPDATE messages SET parent_id = ? WHERE message_id = ?",
            [(removed.parent_id, child) for child in removed.children],
        )
        _set_leaf(connection, removed.conversation_id, removed.leaf_id)

    await database.run(work)


def _has_numbers_taken(connection: apsw.Connection, removed: RemovedMessages) -> bool:
    assert removed.columns[0] == "number"
    query = "SELECT 1 FROM messages WHERE number = ?"
    return any(connection.execute(query, (row[0],)).fetchone() for row in removed.rows)


def _give_children_to_parent(connection: apsw.Connection, message_id: MessageId) -> tuple[str, ...]:
    """Let the answers to a message answer the one before it; returns their ids."""
    rows = connection.execute(
        "SELECT message_id FROM messages WHERE parent_id = ? ORDER BY number", (message_id,)
    ).fetchall()
    connection.execute(
        "UPDATE messages SET parent_id = "
        "(SELECT parent_id FROM messages WHERE message_id = ?1) WHERE parent_id = ?1",
        (message_id,),
    )
    return tuple(str(row[0]) for row in rows)


def _set_leaf(
    connection: apsw.Connection, conversation_id: ConversationId, leaf_id: MessageId | None
) -> None:
    connection.execute(
        "UPDATE conversations SET leaf_id = ? WHERE conversation_id = ?",
        (leaf_id, conversation_id),
    )
