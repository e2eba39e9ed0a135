"""What an adapter can learn from a workspace: starred messages, edited replies, all its replies.

Turns message trees into examples and writes them as a file that the trainer reads. Knows nothing of
Qt or torch. The pure functions run in any thread.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from realm_desktop.chat.request_builder import prompt_text
from realm_desktop.errors import ExportError
from realm_desktop.formats.corruption import quote
from realm_desktop.store.records import Message, MessageId, MessageState

MAX_CONTEXT_MESSAGES = 8
"""Messages before a reply that its example keeps: the beginning of a long chat would push the reply
out of what the model can read at once."""


class TeachingSource(StrEnum):
    """Which messages of a workspace an adapter learns."""

    STARRED = "starred"
    EDITED = "edited"
    ALL = "all"


def replies_to_learn(messages: Sequence[Message], source: TeachingSource) -> list[Message]:
    """The replies of a source, in the order they were made.

    A star on a user's message stands for the latest reply to it.

    Args:
        messages: Of any number of conversations, parents before their children.
        source: Which of them.
    """
    replies = [m for m in messages if _can_be_learned(m)]
    if source is TeachingSource.EDITED:
        return [reply for reply in replies if reply.is_edited]
    if source is TeachingSource.ALL:
        return replies
    starred = {m.message_id for m in messages if m.is_starred}
    latest = {m.parent_id: m.message_id for m in replies if m.parent_id in starred}
    chosen = starred | set(latest.values())
    return [reply for reply in replies if reply.message_id in chosen]


def examples_of(
    messages: Sequence[Message], replies: Iterable[Message], system_prompt: str
) -> list[str]:
    """Each reply with what came before it, as lines of JSON; the same example counts once.

    Only the reply itself is learned: what the model said before it is context.

    Args:
        messages: Everything the replies' branches consist of.
        replies: To be learned.
        system_prompt: Of the workspace; empty for none.
    """
    by_id = {message.message_id: message for message in messages}
    lines = (_line(by_id, reply, system_prompt) for reply in replies)
    return list(dict.fromkeys(lines))


async def write_examples(path: Path, lines: Iterable[str]) -> None:
    """Write the examples; the folder is made if it is missing.

    Raises:
        ExportError: The file cannot be written.
    """
    text = "".join(f"{line}\n" for line in lines)
    try:
        await asyncio.to_thread(_write, path, text)
    except OSError as error:
        raise ExportError(
            f"{quote(path.name)} cannot be written: {quote(error.strerror or str(error))}.",
            advice="Free some space, or check the folder.",
            file=path,
        ) from error


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _can_be_learned(message: Message) -> bool:
    is_whole = message.state is MessageState.COMPLETE
    return message.role == "assistant" and is_whole and bool(message.content.strip())


def _line(by_id: dict[MessageId, Message], reply: Message, system_prompt: str) -> str:
    before: list[Message] = []
    parent_id = reply.parent_id
    while parent_id is not None and len(before) < MAX_CONTEXT_MESSAGES:
        parent = by_id.get(parent_id)
        if parent is None:
            break
        before.insert(0, parent)
        parent_id = parent.parent_id
    while before and before[0].role == "assistant":
        # Many templates refuse a conversation that begins with the assistant.
        del before[0]
    turns: list[dict[str, object]] = []
    if system_prompt:
        turns.append({"role": "system", "content": system_prompt})
    for message in before:
        turn: dict[str, object] = {"role": message.role, "content": prompt_text(message)}
        if message.role == "assistant":
            turn["weight"] = 0
        turns.append(turn)
    turns.append({"role": "assistant", "content": reply.content})
    return json.dumps({"messages": turns}, ensure_ascii=False)
