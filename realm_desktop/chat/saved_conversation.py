"""A conversation as last saved: its record, its transcript, and the lock both change under.

Belongs to the GUI thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from realm_desktop.chat.request_builder import title_of
from realm_desktop.chat.transcript import Transcript
from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Conversation, Message, MessageId


class SavedConversation:
    """Stores every change first and shows it after, in the order the changes were asked for.

    Args:
        store: Keeps conversations and messages.
        record: As stored; `load` reads its messages.
        on_changed: Called after the record changed.

    Attributes:
        record: As last saved.
        transcript: The messages; has its own listeners.
        lock: Held by whoever changes the two; methods that end in `_locked` expect it held.
    """

    def __init__(
        self, store: ConversationStore, record: Conversation, on_changed: Callable[[], None]
    ) -> None:
        self.record = record
        self.transcript = Transcript()
        self.lock = asyncio.Lock()
        self._store = store
        self._on_changed = on_changed

    async def load(self) -> None:
        """Read the messages. Texts still queued by an earlier run go back to the composer.

        Raises:
            StoreError: The database cannot be read.
        """
        messages = await self._store.messages(self.record.conversation_id)
        self.transcript.load(messages, self.record.leaf_id)
        if self.record.queued_texts:
            # Sending them by itself would surprise: the user may have closed the window on purpose.
            parts = (*self.record.queued_texts, self.record.unsent_text)
            unsent_text = "\n\n".join(part for part in parts if part)
            await self.change(lambda old: replace(old, queued_texts=(), unsent_text=unsent_text))

    async def change(self, edit: Callable[[Conversation], Conversation]) -> None:
        """Save what `edit` makes of the record.

        Raises:
            StoreError: It could not be saved; nothing changed.
        """
        async with self.lock:
            await self.save_locked(edit(self.record))

    async def set_unsent_text(self, text: str) -> None:
        """Keep what stands in the composer.

        Raises:
            StoreError: It could not be saved.
        """
        cleaned = clean_text(text)
        if cleaned != self.record.unsent_text:
            await self.change(lambda old: replace(old, unsent_text=cleaned))

    async def remove_queued(self, index: int) -> str:
        """Take a queued text back; returns it, or "" if it was sent meanwhile.

        Raises:
            StoreError: The change could not be saved.
        """
        async with self.lock:
            queue = list(self.record.queued_texts)
            if not 0 <= index < len(queue):
                return ""
            text = queue.pop(index)
            await self.save_locked(replace(self.record, queued_texts=tuple(queue)))
            return text

    async def set_starred(self, message_id: MessageId, *, is_starred: bool) -> None:
        """Put a star on a message that does not stream, or take it off.

        Raises:
            KeyError: There is no such message.
            StoreError: It could not be saved; nothing changed.
        """
        async with self.lock:
            await self._store.set_starred(message_id, is_starred=is_starred)
            # Read again: a reply may have been reopened or edited while the disk was busy.
            message = self.transcript.get(message_id)
            self.transcript.replace(replace(message, is_starred=is_starred))

    async def show_branch(self, message_id: MessageId) -> None:
        """Show the branch through a stored message; the caller sees to it that no reply runs.

        Raises:
            KeyError: There is no such message.
            StoreError: The choice could not be saved; it is shown all the same.
        """
        async with self.lock:
            self.transcript.show(message_id)
            await self.save_locked(replace(self.record, leaf_id=self.transcript.leaf_id))

    async def add_locked(self, message: Message, queue: tuple[str, ...] | None = None) -> None:
        """Store a message as the last one of the branch, then show it.

        Args:
            message: A new one; the first user message names the conversation.
            queue: Texts still queued from now on; None leaves them as they are. Saved in the same
                transaction, so that a text is never both queued and sent.

        Raises:
            StoreError: It could not be saved; nothing changed.
        """
        record = self.record
        title = record.title or (title_of(message.content) if message.role == "user" else "")
        saved = replace(
            record,
            title=title,
            leaf_id=message.message_id,
            updated_s=max(record.updated_s, message.created_s),
            queued_texts=record.queued_texts if queue is None else queue,
        )
        await self._store.add_message(message, saved)
        self.record = saved
        self.transcript.add(message)

    async def add_versions_locked(self, messages: Sequence[Message]) -> None:
        """Store versions of one message in one transaction, then add them.

        The first one is shown if they are the first versions there are; else what is shown stays.

        Raises:
            StoreError: They could not be saved; nothing changed.
        """
        first = messages[0]
        is_next = first.parent_id == self.transcript.leaf_id
        leaf_id = first.message_id if is_next else self.transcript.leaf_id
        updated_s = max(self.record.updated_s, first.created_s)
        saved = replace(self.record, leaf_id=leaf_id, updated_s=updated_s)
        await self._store.add_messages(messages, saved)
        self.record = saved
        for message in messages:
            self.transcript.add(message, is_shown=is_next and message is first)

    async def replace_locked(self, message: Message) -> None:
        """Store another state of a message, then show it.

        Raises:
            StoreError: It could not be saved; nothing changed.
        """
        await self._store.update_message(message)
        self.transcript.replace(message)

    async def token_ids(self, message_id: MessageId) -> tuple[int, ...]:
        """The tokens of a reply.

        Raises:
            StoreError: The database cannot be read.
        """
        return await self._store.token_ids(message_id)

    async def save_locked(self, record: Conversation) -> None:
        """Store the record, then make it the current one.

        Raises:
            StoreError: It could not be saved; nothing changed.
        """
        await self._store.save_conversation(record)
        self.record = record
        self._on_changed()
