"""Whole conversations as values: read with everything that is stored of them, or added at once.

One transaction each on the store thread, so that half a conversation neither leaves nor arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import apsw

from realm_desktop.store import rows
from realm_desktop.store.database import Database
from realm_desktop.store.notes import chat_owner, notes_in, put_notes
from realm_desktop.store.readable_rows import Row, decoded, readable
from realm_desktop.store.records import (
    Conversation,
    ConversationId,
    Message,
    MessageState,
    new_conversation_id,
    new_message_id,
)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with the completion tokens stored beside it; empty where none are."""

    message: Message
    token_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A conversation with all its messages, every parent before its children, and its notes."""

    conversation: Conversation
    messages: tuple[StoredMessage, ...]
    notes: str = ""


async def read_tree(database: Database, conversation: Conversation) -> Tree:
    """The messages and notes of a conversation; a reply that still streams ends with its journal.

    Raises:
        StoreError: The database cannot be read.
    """
    names = rows.MESSAGE_COLUMNS.split(", ")
    columns = ", ".join(f"messages.{name}" for name in names)

    def work(connection: apsw.Connection) -> Tree:
        cursor = connection.execute(
            f"SELECT {readable(columns)}, journal.content, "
            "coalesce(journal.token_ids, messages.token_ids) FROM messages "
            "LEFT JOIN reply_journal AS journal USING (message_id) "
            "WHERE messages.conversation_id = ? ORDER BY messages.number",
            (conversation.conversation_id,),
        )
        messages = tuple(_read(row, len(names)) for row in cursor)
        owner = chat_owner(conversation.conversation_id)
        return Tree(conversation, messages, notes_in(connection, owner))

    return await database.run(work)


async def add_tree(database: Database, tree: Tree) -> Tree:
    """Insert a conversation with its messages, all or nothing.

    Returns:
        The tree as it is stored: under new ids if one of its own is taken.

    Raises:
        StoreError: It could not be saved; nothing of it is there then.
    """

    def work(connection: apsw.Connection) -> Tree:
        # What is imported twice becomes a second chat and never writes over the first.
        added = with_new_ids(tree) if _is_taken(connection, tree) else tree
        names = rows.MESSAGE_COLUMNS
        row = rows.conversation_row(added.conversation)
        rows.upsert(connection, "conversations", rows.CONVERSATION_COLUMNS, row)
        connection.executemany(
            f"INSERT INTO messages ({names}, token_ids) VALUES ({rows.placeholders(names)}, ?)",
            [(*rows.message_row(m.message), _packed(m.token_ids)) for m in added.messages],
        )
        put_notes(connection, chat_owner(added.conversation.conversation_id), added.notes)
        return added

    return await database.run(work)


async def remove_conversations(database: Database, ids: Sequence[ConversationId]) -> None:
    """Remove conversations for good, wherever they are.

    Raises:
        StoreError: None of them was removed.
    """
    await database.run(
        lambda connection: connection.executemany(
            "DELETE FROM conversations WHERE conversation_id = ?", [(one,) for one in ids]
        )
    )


def with_new_ids(tree: Tree) -> Tree:
    """The same tree under ids that no other has."""
    ids = {stored.message.message_id: new_message_id() for stored in tree.messages}
    old = tree.conversation
    conversation = replace(
        old,
        conversation_id=new_conversation_id(),
        leaf_id=None if old.leaf_id is None else ids.get(old.leaf_id),
    )
    messages = (
        replace(
            stored,
            message=replace(
                stored.message,
                message_id=ids[stored.message.message_id],
                conversation_id=conversation.conversation_id,
                parent_id=None
                if stored.message.parent_id is None
                else ids.get(stored.message.parent_id),
            ),
        )
        for stored in tree.messages
    )
    return Tree(conversation, tuple(messages), tree.notes)


def _read(row: Row, num_columns: int) -> StoredMessage:
    message = rows.read_message(decoded(row[:num_columns]))
    journaled, token_ids = row[num_columns:]
    if message.state is MessageState.STREAMING:
        # The journal is ahead of the row, which has the text of the reply only once it ended.
        content = message.content if journaled is None else str(decoded((journaled,))[0])
        message = replace(message, state=MessageState.INTERRUPTED, content=content)
    return StoredMessage(message, rows.unpack_token_ids(token_ids))


def _is_taken(connection: apsw.Connection, tree: Tree) -> bool:
    """Whether the conversation's id or one of its messages' is stored already."""
    query = "SELECT 1 FROM conversations WHERE conversation_id = ?"
    if connection.execute(query, (tree.conversation.conversation_id,)).fetchone():
        return True
    query = "SELECT 1 FROM messages WHERE message_id = ?"
    return any(
        connection.execute(query, (stored.message.message_id,)).fetchone()
        for stored in tree.messages
    )


def _packed(token_ids: tuple[int, ...]) -> bytes | None:
    return rows.pack_token_ids(token_ids) if token_ids else None
