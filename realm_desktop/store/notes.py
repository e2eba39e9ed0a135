"""What users write down beside their chats and workspaces, on disk.

Notes go with their owner: with a chat into the trash and out of it, into its copies, and for good. No
model reads them.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import apsw

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.database import Database
from realm_desktop.store.readable_rows import select
from realm_desktop.store.records import ConversationId


class NotesOwner(NamedTuple):
    """A chat or a workspace, by its id."""

    kind: Literal["conversation", "workspace"]
    owner_id: str


_OWNERS: Final = {"conversation": "conversations", "workspace": "workspaces"}


def chat_owner(conversation_id: ConversationId) -> NotesOwner:
    """The owner of a chat's notes."""
    return NotesOwner("conversation", conversation_id)


def workspace_owner(workspace_id: WorkspaceId) -> NotesOwner:
    """The owner of a workspace's notes."""
    return NotesOwner("workspace", workspace_id)


class NotesStore:
    """All notes. Used from the event loop.

    Attributes:
        noted_chats: The chats that have notes, once `load` ran.
    """

    def __init__(self, database: Database) -> None:
        self.noted_chats: set[str] = set()
        self._database = database

    async def load(self) -> None:
        """Find out which chats have notes.

        Raises:
            StoreError: The database cannot be read.
        """
        found = await self._database.run(
            lambda connection: select(connection, "conversation_id", "FROM conversation_notes")
        )
        self.noted_chats = {str(row[0]) for row in found}

    async def read(self, owner: NotesOwner) -> str:
        """The notes of an owner; empty without any.

        Raises:
            StoreError: The database cannot be read.
        """
        return await self._database.run(lambda connection: notes_in(connection, owner))

    async def save(self, owner: NotesOwner, text: str) -> None:
        """Replace the notes of an owner; those of an unknown one are ignored.

        Raises:
            StoreError: They could not be saved; nothing changed.
        """
        await self._database.run(lambda connection: put_notes(connection, owner, text))
        if owner.kind == "conversation":
            (self.noted_chats.add if text else self.noted_chats.discard)(owner.owner_id)


def notes_in(connection: apsw.Connection, owner: NotesOwner) -> str:
    """Store thread: the notes of an owner."""
    rest = f"FROM {owner.kind}_notes WHERE {owner.kind}_id = ?"
    found = select(connection, "text", rest, (owner.owner_id,))
    return str(found[0][0]) if found else ""


def put_notes(connection: apsw.Connection, owner: NotesOwner, text: str) -> None:
    """Store thread: replace the notes of an owner; an empty text leaves no row."""
    table, key = f"{owner.kind}_notes", f"{owner.kind}_id"
    cleaned = clean_text(text)
    if not cleaned:
        connection.execute(f"DELETE FROM {table} WHERE {key} = ?", (owner.owner_id,))
        return
    # The owner may have been deleted for good while somebody typed.
    connection.execute(
        f"INSERT INTO {table} ({key}, text) "
        f"SELECT {key}, ? FROM {_OWNERS[owner.kind]} WHERE {key} = ? "
        f"ON CONFLICT ({key}) DO UPDATE SET text = excluded.text",
        (cleaned, owner.owner_id),
    )
