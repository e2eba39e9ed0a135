"""A process that saves messages as fast as it can and says what was saved, until it is killed.

Each line on standard output is an acknowledgement: `message ID`, `journal ID LENGTH`, `done ID`.
Run as `python busy_writer.py DATABASE`.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    Message,
    MessageState,
    new_conversation_id,
    new_message_id,
)


def _acknowledge(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def write_forever(store: ConversationStore) -> None:
    """Exchange after exchange in one new conversation, renamed as it grows."""
    conversation = Conversation(new_conversation_id(), GENERAL_WORKSPACE_ID, "", 1.0, 1.0)
    await store.save_conversation(conversation)
    parent_id = None
    for number in range(1_000_000):
        question = Message(
            new_message_id(), conversation.conversation_id, parent_id, "user",
            f"question {number}", MessageState.COMPLETE, float(number),
        )  # fmt: skip
        await store.add_message(question, replace(conversation, title=f"title {number}"))
        _acknowledge(f"message {question.message_id}")
        parent_id = (await _reply(store, question)).message_id


async def _reply(store: ConversationStore, question: Message) -> Message:
    reply = replace(
        question,
        message_id=new_message_id(),
        parent_id=question.message_id,
        role="assistant",
        content="",
        state=MessageState.STREAMING,
    )
    await store.add_message(reply)
    _acknowledge(f"message {reply.message_id}")
    for num_tokens in (64, 128, 192):
        await store.journal_reply(reply.message_id, "word " * num_tokens, range(num_tokens))
        _acknowledge(f"journal {reply.message_id} {5 * num_tokens}")
    finished = replace(reply, content="word " * 200, state=MessageState.COMPLETE)
    await store.update_message(finished, range(200))
    _acknowledge(f"done {reply.message_id}")
    return finished


if __name__ == "__main__":
    asyncio.run(write_forever(ConversationStore(Database.open(Path(sys.argv[1])))))
