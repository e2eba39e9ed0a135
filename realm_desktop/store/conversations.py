"""Workspaces, conversations and messages on disk, as the GUI thread asks for them.

Every method is one transaction on the store thread: when it returns, its change is on disk; when it
raises StoreError, nothing changed. Knows nothing of engines or of what is shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import apsw

from realm_desktop.errors import StoreError
from realm_desktop.protocol import WorkspaceId
from realm_desktop.store import rows
from realm_desktop.store.database import Database
from realm_desktop.store.journal import close_journal, write_journal
from realm_desktop.store.readable_rows import Row, select
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    ConversationId,
    Message,
    MessageId,
    MessageState,
    Workspace,
)

TRASH_DAYS = 30


class ConversationStore:
    """The tables of conversations, as records. Used from the event loop; owns nothing."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self.database = database
        self._clock = clock

    async def workspaces(self) -> list[Workspace]:
        """All workspaces in sidebar order."""

        def work(connection: apsw.Connection) -> list[Workspace]:
            rest = "FROM workspaces ORDER BY position, created_s"
            found = select(connection, rows.WORKSPACE_COLUMNS, rest)
            return [rows.read_workspace(row) for row in found]

        return await self.database.run(work)

    async def save_workspace(self, workspace: Workspace) -> None:
        """Insert or update a workspace."""
        row = rows.workspace_row(workspace)
        await self.database.run(
            lambda connection: rows.upsert(connection, "workspaces", rows.WORKSPACE_COLUMNS, row)
        )

    async def delete_workspace(self, workspace_id: WorkspaceId) -> None:
        """Remove a workspace; its conversations go to the trash of "General".

        Raises:
            StoreError: It is the general workspace.
        """
        if workspace_id == GENERAL_WORKSPACE_ID:
            raise StoreError(
                "the workspace General cannot be deleted",
                advice="Every conversation needs a workspace; delete its conversations instead.",
            )
        now_s = self._clock()

        def work(connection: apsw.Connection) -> None:
            # Those that were in the trash before keep their day: it counts towards their end.
            connection.execute(
                "UPDATE conversations SET deleted_s = coalesce(deleted_s, ?), workspace_id = ? "
                "WHERE workspace_id = ?",
                (now_s, GENERAL_WORKSPACE_ID, workspace_id),
            )
            connection.execute("DELETE FROM workspaces WHERE workspace_id = ?", (workspace_id,))

        await self.database.run(work)

    async def conversations(self) -> list[Conversation]:
        """All conversations, those in the trash too, the latest activity first."""

        def work(connection: apsw.Connection) -> list[Conversation]:
            rest = "FROM conversations ORDER BY updated_s DESC, number DESC"
            found = select(connection, rows.CONVERSATION_COLUMNS, rest)
            return [rows.read_conversation(row) for row in found]

        return await self.database.run(work)

    async def save_conversation(self, conversation: Conversation) -> None:
        """Insert or update a conversation."""
        row = rows.conversation_row(conversation)
        await self.database.run(lambda connection: _save_conversation(connection, row))

    async def purge_trash(self, before_s: float | None = None) -> int:
        """Remove conversations for good that went to the trash before a time.

        Args:
            before_s: Unix seconds; None means 30 days ago.

        Returns:
            How many were removed.
        """
        limit_s = self._clock() - TRASH_DAYS * 86400.0 if before_s is None else before_s

        def work(connection: apsw.Connection) -> int:
            connection.execute("DELETE FROM conversations WHERE deleted_s < ?", (limit_s,))
            return connection.changes()

        return await self.database.run(work)

    async def delete_deleted(self, conversation_id: ConversationId) -> None:
        """Remove a conversation for good; one that is not in the trash stays."""
        await self.database.run(
            lambda connection: connection.execute(
                "DELETE FROM conversations WHERE conversation_id = ? AND deleted_s IS NOT NULL",
                (conversation_id,),
            )
        )

    async def messages(self, conversation_id: ConversationId) -> list[Message]:
        """The whole tree of a conversation, every parent before its children."""

        def work(connection: apsw.Connection) -> list[Message]:
            rest = "FROM messages WHERE conversation_id = ? ORDER BY number"
            found = select(connection, rows.MESSAGE_COLUMNS, rest, (conversation_id,))
            return [rows.read_message(row) for row in found]

        return await self.database.run(work)

    async def add_message(self, message: Message, conversation: Conversation | None = None) -> None:
        """Insert a message; it becomes the leaf of its conversation, in the same transaction.

        Args:
            message: Its parent, if any, is stored already.
            conversation: Saved along with it, for a title or a queue that changes at once.
        """
        leaf = None if conversation is None else replace(conversation, leaf_id=message.message_id)
        await self.add_messages((message,), leaf)

    async def add_messages(
        self, messages: Sequence[Message], conversation: Conversation | None = None
    ) -> None:
        """Insert messages of one conversation, all or none.

        Args:
            messages: At least one; their parents are stored already.
            conversation: Saved along with them. Its leaf stays if it has one, else the first of the
                messages becomes the leaf.
        """
        names = rows.MESSAGE_COLUMNS
        insert = f"INSERT INTO messages ({names}) VALUES ({rows.placeholders(names)})"
        new_rows = [rows.message_row(message) for message in messages]
        first = messages[0]
        leaf_id = conversation.leaf_id if conversation is not None else None

        def work(connection: apsw.Connection) -> None:
            if conversation is not None:
                # First: messages refer to it, and one that is new is not there before.
                _save_conversation(connection, rows.conversation_row(conversation))
            connection.executemany(insert, new_rows)
            connection.execute(
                "UPDATE conversations SET leaf_id = ?, updated_s = max(updated_s, ?) "
                "WHERE conversation_id = ?",
                (leaf_id or first.message_id, first.created_s, first.conversation_id),
            )

        await self.database.run(work)

    async def update_message(
        self, message: Message, token_ids: Sequence[int] | None = None
    ) -> None:
        """Rewrite a message; one that no longer streams leaves the journal.

        Args:
            message: Stored before under the same id.
            token_ids: All completion tokens of a reply; None keeps those stored.
        """
        message_id, *values = rows.message_row(message)
        names = rows.MESSAGE_COLUMNS.split(", ")[1:]

        def work(connection: apsw.Connection) -> None:
            connection.execute(
                f"UPDATE messages SET {', '.join(f'{name} = ?' for name in names)} "
                "WHERE message_id = ?",
                (*values, message_id),
            )
            if token_ids is not None:
                # Beside the columns of a message: who opens a chat does not wait for them.
                connection.execute(
                    "UPDATE messages SET token_ids = ? WHERE message_id = ?",
                    (rows.pack_token_ids(token_ids), message_id),
                )
            if message.state is not MessageState.STREAMING:
                close_journal(connection, message.message_id)

        await self.database.run(work)

    async def set_starred(self, message_id: MessageId, *, is_starred: bool) -> None:
        """Put a star on a message, or take it off; everything else of it stays."""
        await self.database.run(
            lambda connection: connection.execute(
                "UPDATE messages SET is_starred = ? WHERE message_id = ?", (is_starred, message_id)
            )
        )

    async def messages_of_workspace(self, workspace_id: WorkspaceId) -> list[Message]:
        """All messages of its conversations that are not in the trash, parents before children."""

        def work(connection: apsw.Connection) -> list[Message]:
            rest = (
                "FROM messages WHERE conversation_id IN (SELECT conversation_id FROM conversations "
                "WHERE workspace_id = ? AND deleted_s IS NULL) ORDER BY number"
            )
            found = select(connection, rows.MESSAGE_COLUMNS, rest, (workspace_id,))
            return [rows.read_message(row) for row in found]

        return await self.database.run(work)

    async def journal_reply(
        self, message_id: MessageId, content: str, token_ids: Sequence[int]
    ) -> None:
        """Keep the text and token ids so far of a reply that streams; one that ended stays as it is."""
        await self.database.run_behind(
            lambda connection: write_journal(connection, message_id, content, token_ids)
        )

    async def token_ids(self, message_id: MessageId) -> tuple[int, ...]:
        """The completion tokens stored with a reply; empty if there are none."""

        def work(connection: apsw.Connection) -> tuple[int, ...]:
            found = connection.execute(
                "SELECT token_ids FROM messages WHERE message_id = ?", (message_id,)
            ).fetchone()
            return rows.unpack_token_ids(found[0]) if found else ()

        return await self.database.run(work)


def _save_conversation(connection: apsw.Connection, row: Row) -> None:
    rows.upsert(connection, "conversations", rows.CONVERSATION_COLUMNS, row)
