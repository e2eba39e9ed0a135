"""Changes of messages that ask no model: another version, deleted and back, inserted, given a role.

Functions on a session; each is refused while a reply of it runs. Belongs to the GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from realm_desktop.chat.new_messages import user_turn
from realm_desktop.chat.session import ChatSession
from realm_desktop.protocol import Role
from realm_desktop.store.message_removal import (
    RemovedMessages,
    remove_messages,
    restore_messages,
)
from realm_desktop.store.records import Message, MessageId, MessageState, new_message_id


async def select_version(session: ChatSession, message_id: MessageId, step: int) -> None:
    """Show the version `step` (-1 or +1) further on; nothing happens beyond the ends.

    Raises:
        RequestError: A reply runs.
        StoreError: The choice could not be saved; it is shown all the same.
    """
    async with session.saved.lock:
        session.refuse_when_busy("switched")
        if session.transcript.select_version(message_id, step):
            session.error = None
            record = replace(session.conversation, leaf_id=session.transcript.leaf_id)
            await session.saved.save_locked(record)


async def delete_message(
    session: ChatSession, message_id: MessageId, *, with_below: bool
) -> RemovedMessages:
    """Take a message out of its chat, or it and everything below; `restore_deleted` undoes it.

    Raises:
        RequestError: A reply runs.
        StoreError: It could not be removed; nothing changed.
    """
    async with session.saved.lock:
        session.refuse_when_busy("deleted")
        leaf_id = _leaf_without(session, message_id, with_below=with_below)
        removed = await remove_messages(
            session.saved.database,
            session.conversation.conversation_id,
            message_id,
            with_below=with_below,
            leaf_id=leaf_id,
        )
        session.error = None
        await session.saved.read_locked(leaf_id)
        return removed


async def restore_deleted(session: ChatSession, removed: RemovedMessages) -> None:
    """Put deleted messages back and show the branch that was visible before.

    Raises:
        RequestError: A reply runs.
        StoreError: They could not be put back.
    """
    async with session.saved.lock:
        session.refuse_when_busy("brought back")
        await restore_messages(session.saved.database, removed)
        await session.saved.read_locked(removed.leaf_id)


async def change_role(session: ChatSession, message_id: MessageId, role: Role) -> None:
    """Let somebody else have said a message.

    Raises:
        RequestError: A reply runs.
        StoreError: It could not be saved; nothing changed.
    """
    async with session.saved.lock:
        session.refuse_when_busy("changed")
        message = session.transcript.get(message_id)
        if message.role != role:
            # Tokens and figures are those of a reply that was generated as one.
            changed = replace(message, role=role, is_edited=True, stats=None, finish_reason=None)
            await session.saved.replace_locked(changed)


async def insert_after(session: ChatSession, message_id: MessageId, role: Role, text: str) -> None:
    """Put a message behind another one without asking the model.

    What followed follows the new one, as copies on a branch of its own; the old branch stays
    as the other version.

    Raises:
        RequestError: A reply runs.
        StoreError: It could not be saved; nothing changed.
    """
    turn = user_turn(text)
    async with session.saved.lock:
        session.refuse_when_busy("inserted")
        index = session.transcript.index_of(message_id)
        if index is None or turn.is_blank:
            return
        messages = session.transcript.messages
        new = Message(
            message_id=new_message_id(),
            conversation_id=session.conversation.conversation_id,
            parent_id=message_id,
            role=role,
            content=turn.text,
            state=MessageState.COMPLETE,
            created_s=session.clock(),
            is_edited=True,
        )
        chain = [new, *_moved(messages[index + 1 :], new.message_id)]
        await session.saved.add_chain_locked(chain)
        session.error = None


def _leaf_without(
    session: ChatSession, message_id: MessageId, *, with_below: bool
) -> MessageId | None:
    """The last message of the visible branch once a message is gone."""
    transcript = session.transcript
    index = transcript.index_of(message_id)
    messages = transcript.messages
    is_leaf = index is not None and index == len(messages) - 1
    if index is None or not (with_below or is_leaf):
        return transcript.leaf_id
    version, count = transcript.version_of(message_id)
    parent_id = transcript.get(message_id).parent_id
    if count > 1:
        # The version beside it takes its place.
        return transcript.versions(parent_id)[version - 1 if version else 1].message_id
    return parent_id


def _moved(messages: Sequence[Message], parent_id: MessageId) -> list[Message]:
    """Copies of a chain of messages below another parent."""
    moved = []
    for message in messages:
        # Its tokens stay with the original, so a copy cannot be continued.
        copy = replace(
            message,
            message_id=new_message_id(),
            parent_id=parent_id,
            state=MessageState.COMPLETE,
            finish_reason=None,
        )
        moved.append(copy)
        parent_id = copy.message_id
    return moved
