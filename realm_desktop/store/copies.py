"""Writes a copy of a conversation in one transaction, so that half a copy never exists.

Store thread; knows nothing of what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from realm_desktop.store import rows
from realm_desktop.store.database import Database
from realm_desktop.store.notes import chat_owner, notes_in, put_notes
from realm_desktop.store.records import Conversation, ConversationId, Message, MessageId


async def add_copy(
    database: Database,
    original_id: ConversationId,
    conversation: Conversation,
    messages: Sequence[tuple[MessageId, Message]],
) -> None:
    """Insert a new conversation with its messages and the notes of the original.

    Args:
        database: Holds the originals.
        original_id: Of the conversation.
        conversation: The copy's record.
        messages: For each the id of its original, whose completion tokens it gets; parents first.

    Raises:
        StoreError: It could not be saved; there is no copy then.
    """
    names = rows.MESSAGE_COLUMNS
    copies = [(message_id, rows.message_row(message)) for message_id, message in messages]

    def work(connection: apsw.Connection) -> None:
        row = rows.conversation_row(conversation)
        rows.upsert(connection, "conversations", rows.CONVERSATION_COLUMNS, row)
        notes = notes_in(connection, chat_owner(original_id))
        put_notes(connection, chat_owner(conversation.conversation_id), notes)
        for message_id, values in copies:
            connection.execute(
                f"INSERT INTO messages ({names}, token_ids) VALUES ({rows.placeholders(names)}, "
                "(SELECT token_ids FROM messages WHERE message_id = ?))",
                (*values, message_id),
            )

    await database.run(work)
