"""The journal of open replies: what a crash may not take.

A reply is written here while it streams, at least every second or 64 tokens, and its message row is
written once at the end. At the next start, what the journal holds becomes the text of a reply that
never ended. Functions on the writing connection, inside a transaction; store thread.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import apsw

from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.records import MessageId, MessageState
from realm_desktop.store.rows import pack_token_ids

logger = logging.getLogger(__name__)


def write_journal(
    connection: apsw.Connection, message_id: MessageId, content: str, token_ids: Sequence[int]
) -> None:
    """Replace the journaled text and token ids of an open reply; one that ended has no journal."""
    # The end of a reply goes before journals that wait, so this may come after it.
    connection.execute(
        "INSERT INTO reply_journal (message_id, content, token_ids) "
        "SELECT message_id, ?, ? FROM messages WHERE message_id = ? AND state = ? "
        "ON CONFLICT (message_id) DO UPDATE SET content = excluded.content, "
        "token_ids = excluded.token_ids",
        (
            clean_text(content),
            pack_token_ids(token_ids),
            message_id,
            MessageState.STREAMING.value,
        ),
    )


def close_journal(connection: apsw.Connection, message_id: MessageId) -> None:
    """Forget the journal of a reply whose message row is complete."""
    connection.execute("DELETE FROM reply_journal WHERE message_id = ?", (message_id,))


def interrupt_open_replies(connection: apsw.Connection) -> int:
    """Mark every reply that still streams as interrupted, with its journaled text.

    Returns:
        How many replies there were.
    """
    connection.execute(
        "UPDATE messages SET content = journal.content, token_ids = journal.token_ids "
        "FROM reply_journal AS journal "
        "WHERE journal.message_id = messages.message_id AND messages.state = ?",
        (MessageState.STREAMING.value,),
    )
    connection.execute(
        "UPDATE messages SET state = ? WHERE state = ?",
        (MessageState.INTERRUPTED.value, MessageState.STREAMING.value),
    )
    num_replies = connection.changes()
    connection.execute("DELETE FROM reply_journal")
    if num_replies:
        logger.info("%d replies were interrupted by the end of the last run", num_replies)
    return num_replies
