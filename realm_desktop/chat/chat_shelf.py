"""What happens to stored chats as a whole: copies, branches, moved folders, the trash.

Knows the library and nothing of Qt. Belongs to the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from realm_desktop.chat.chat_folders import ChatFolders
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.transcript import Transcript
from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.copies import add_copy
from realm_desktop.store.notes import NotesStore
from realm_desktop.store.records import (
    Conversation,
    ConversationId,
    FolderId,
    Message,
    MessageId,
    MessageState,
    new_conversation_id,
    new_message_id,
)


class ShelvedChats(Protocol):
    """What the shelf needs of the library."""

    @property
    def conversations(self) -> Sequence[Conversation]:
        """All conversations, those in the trash too."""

    @property
    def sessions(self) -> Mapping[ConversationId, ChatSession]:
        """The chats that are open or still generate."""

    async def change(
        self, conversation_id: ConversationId, edit: Callable[[Conversation], Conversation]
    ) -> None:
        """Edit a conversation, and save it."""

    def get(self, conversation_id: ConversationId) -> Conversation:
        """A conversation by its id."""

    def adopt(self, conversation: Conversation) -> None:
        """List a conversation that was stored."""

    async def forget(self, conversation_ids: Sequence[ConversationId]) -> None:
        """Close and no longer list conversations that are removed from the store."""

    async def move(
        self,
        conversation_id: ConversationId,
        workspace_id: WorkspaceId,
        folder_id: FolderId | None = None,
    ) -> None:
        """Move a conversation to a workspace or a folder of it."""


class ChatShelf:
    """Commands on stored chats.

    Args:
        chats: The library, which lists them.
        folders: All folders.
        store: Keeps the chats.
        clock: Unix seconds.

    Attributes:
        notes: What the user wrote down beside chats and workspaces.
    """

    def __init__(
        self,
        chats: ShelvedChats,
        folders: ChatFolders,
        store: ConversationStore,
        clock: Callable[[], float],
    ) -> None:
        self._chats = chats
        self._folders = folders
        self._store = store
        self._clock = clock
        self.notes = NotesStore(store.database)

    async def duplicate(self, conversation_id: ConversationId, title: str) -> Conversation:
        """A copy with every version of every message.

        Raises:
            StoreError: It could not be saved.
        """
        messages = await self._store.messages(conversation_id)
        return await self._copy(conversation_id, title, messages)

    async def branch(
        self, conversation_id: ConversationId, title: str, last_id: MessageId | None = None
    ) -> Conversation:
        """A copy of the visible branch alone, up to a message; its prompt is shared with the original.

        Raises:
            StoreError: It could not be saved.
        """
        transcript = Transcript()
        messages = await self._store.messages(conversation_id)
        transcript.load(messages, self._chats.get(conversation_id).leaf_id)
        end = None if last_id is None else transcript.index_of(last_id)
        kept = transcript.messages if end is None else transcript.messages[: end + 1]
        return await self._copy(conversation_id, title, kept)

    async def move_folder(
        self, folder_id: FolderId, workspace_id: WorkspaceId, parent_id: FolderId | None = None
    ) -> None:
        """Move a folder with everything in it.

        Raises:
            StoreError: It would lie in itself or too deep, or could not be saved.
        """
        moved = self._folders.within(folder_id)
        await self._folders.move(folder_id, workspace_id, parent_id)
        for chat in self._chats.conversations:
            if chat.folder_id in moved and chat.workspace_id != workspace_id:
                await self._chats.move(chat.conversation_id, workspace_id, chat.folder_id)

    async def trash(self, conversation_id: ConversationId) -> None:
        """Put a conversation into the trash; a running reply is stopped first.

        Raises:
            StoreError: It could not be saved.
        """
        session = self._chats.sessions.get(conversation_id)
        if session is not None:
            await session.stop()
        now_s = self._clock()
        await self._chats.change(conversation_id, lambda old: replace(old, deleted_s=now_s))

    async def restore(self, conversation_id: ConversationId) -> None:
        """Take a conversation out of the trash.

        Raises:
            StoreError: It could not be saved.
        """
        await self._chats.change(conversation_id, lambda old: replace(old, deleted_s=None))

    async def delete_for_good(self, conversation_id: ConversationId) -> None:
        """Remove a conversation of the trash; there is no way back.

        Raises:
            StoreError: It could not be removed.
        """
        await self._store.delete_deleted(conversation_id)
        await self._chats.forget([conversation_id])

    async def empty_trash(self) -> int:
        """Remove every conversation of the trash for good; returns how many.

        Raises:
            StoreError: They could not be removed.
        """
        deleted = [c.conversation_id for c in self._chats.conversations if c.deleted_s is not None]
        count = await self._store.purge_trash(float("inf"))
        await self._chats.forget(deleted)
        return count

    async def _copy(
        self, conversation_id: ConversationId, title: str, messages: Sequence[Message]
    ) -> Conversation:
        original = self._chats.get(conversation_id)
        ids = {message.message_id: new_message_id() for message in messages}
        last_id = messages[-1].message_id if messages else None
        leaf_id = original.leaf_id if original.leaf_id in ids else last_id
        now_s = self._clock()
        copy = replace(
            original,
            conversation_id=new_conversation_id(),
            title=title,
            created_s=now_s,
            updated_s=now_s,
            is_pinned=False,
            is_unseen=False,
            queued_texts=(),
            queued_attachments=(),
            leaf_id=None if leaf_id is None else ids[leaf_id],
        )
        pairs = [
            (message.message_id, _copied(message, copy.conversation_id, ids))
            for message in messages
        ]
        await add_copy(self._store.database, conversation_id, copy, pairs)
        self._chats.adopt(copy)
        return copy


def _copied(
    message: Message, conversation_id: ConversationId, ids: dict[MessageId, MessageId]
) -> Message:
    """A message under its new id; a reply that still runs in the original ends here."""
    is_open = message.state is MessageState.STREAMING
    return replace(
        message,
        message_id=ids[message.message_id],
        conversation_id=conversation_id,
        parent_id=None if message.parent_id is None else ids.get(message.parent_id),
        state=MessageState.INTERRUPTED if is_open else message.state,
    )
