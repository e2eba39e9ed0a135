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
from realm_desktop.store.database import Database
from realm_desktop.store.records import (
    Attachment,
    Conversation,
    Message,
    MessageId,
    UserTurn,
    with_queue,
)
from realm_desktop.store.unsent_attachments import save_unsent_attachments, unsent_attachments


class SavedConversation:
    """Stores every change first and shows it after, in the order the changes were asked for.

    Args:
        store: Keeps conversations and messages.
        record: As stored; `load` reads its messages.
        on_changed: Called after the record changed.

    Attributes:
        record: As last saved.
        transcript: The messages; has its own listeners.
        unsent_attachments: Files that stand in the composer, as last saved.
        lock: Held by whoever changes the two; methods that end in `_locked` expect it held.
    """

    def __init__(
        self, store: ConversationStore, record: Conversation, on_changed: Callable[[], None]
    ) -> None:
        self.record = record
        self.transcript = Transcript()
        self.unsent_attachments: tuple[Attachment, ...] = ()
        self.lock = asyncio.Lock()
        self._store = store
        self._on_changed = on_changed

    @property
    def database(self) -> Database:
        """Where it is kept."""
        return self._store.database

    async def load(self) -> None:
        """Read the messages. What an earlier run left in the queue goes back to the composer.

        Raises:
            StoreError: The database cannot be read.
        """
        conversation_id = self.record.conversation_id
        # Asked for together: each answer takes three turns of a loop that may be painting.
        self.unsent_attachments, messages = await asyncio.gather(
            unsent_attachments(self.database, conversation_id),
            self._store.messages(conversation_id),
        )
        self.transcript.load(messages, self.record.leaf_id)
        queue = self.record.queue
        if queue:
            # Sending them by itself would surprise: the user may have closed the window on purpose.
            parts = (*(turn.text for turn in queue), self.record.unsent_text)
            unsent_text = "\n\n".join(part for part in parts if part)
            files = [file for turn in queue for file in turn.attachments]
            # The files first: a crash between the two then leaves them twice, not never.
            await self.set_unsent_attachments((*files, *self.unsent_attachments))
            await self.change(lambda old: replace(with_queue(old, ()), unsent_text=unsent_text))

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

    async def set_unsent_attachments(self, attachments: Sequence[Attachment]) -> None:
        """Keep the files that stand in the composer.

        Raises:
            StoreError: They could not be saved.
        """
        wanted = tuple(attachments)
        if wanted != self.unsent_attachments:
            await save_unsent_attachments(self.database, self.record.conversation_id, wanted)
            self.unsent_attachments = wanted

    async def remove_queued(self, index: int) -> UserTurn:
        """Take a queued turn back; returns it, or a blank one if it was sent meanwhile.

        Raises:
            StoreError: The change could not be saved.
        """
        async with self.lock:
            queue = list(self.record.queue)
            if not 0 <= index < len(queue):
                return UserTurn()
            turn = queue.pop(index)
            await self.save_locked(with_queue(self.record, queue))
            return turn

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

    async def add_locked(self, message: Message, queue: Sequence[UserTurn] | None = None) -> None:
        """Store a message as the last one of the branch, then show it.

        Args:
            message: A new one; the first user message names the conversation.
            queue: Turns still queued from now on; None leaves them as they are. Saved in the same
                transaction, so that a turn is never both queued and sent.

        Raises:
            StoreError: It could not be saved; nothing changed.
        """
        record = self.record
        title = record.title or (_first_words(message) if message.role == "user" else "")
        saved = replace(
            record if queue is None else with_queue(record, queue),
            title=title,
            leaf_id=message.message_id,
            updated_s=max(record.updated_s, message.created_s),
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

    async def add_chain_locked(self, messages: Sequence[Message]) -> None:
        """Store messages that follow each other in one transaction, then show them.

        Raises:
            StoreError: They could not be saved; nothing changed.
        """
        updated_s = max(self.record.updated_s, messages[0].created_s)
        saved = replace(self.record, leaf_id=messages[-1].message_id, updated_s=updated_s)
        await self._store.add_messages(messages, saved)
        self.record = saved
        for message in messages:
            self.transcript.add(message)

    async def read_locked(self, leaf_id: MessageId | None) -> None:
        """Read the messages again after others than these methods changed them.

        Args:
            leaf_id: The last message of the branch to show.

        Raises:
            StoreError: The database cannot be read.
        """
        messages = await self._store.messages(self.record.conversation_id)
        self.record = replace(self.record, leaf_id=leaf_id)
        self.transcript.load(messages, leaf_id)
        self._on_changed()

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


def _first_words(message: Message) -> str:
    """The title that a message gives; one of attachments alone has the name of the first."""
    names = [attachment.name for attachment in message.attachments]
    return title_of(message.content) or title_of(names[0] if names else "")
