"""Answers a chat that is too long for the model without its oldest messages; none of them is deleted.

Belongs to the GUI thread, like the session whose reply this is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from realm_desktop.chat.new_messages import open_reply
from realm_desktop.chat.request_builder import prompt_text
from realm_desktop.chat.session import ChatSession
from realm_desktop.errors import NoModel, PromptTooLong
from realm_desktop.store.records import Message, MessageId

TOKENS_BESIDE_TEXT: Final = 8
"""Of one message: what templates write around it takes 3 to 8 tokens."""

_REPLY_PART: Final = 4
"""One part in so many of the context is kept free, or the reply would end after a few words."""


async def answer_without_oldest(session: ChatSession, message_id: MessageId) -> None:
    """Begin a new version of a reply for which the model reads only the newest messages.

    Raises:
        NoModel: None is loaded.
        PromptTooLong: The message that is answered does not fit alone.
        RequestError: A reply runs.
        StoreError: The version could not be saved.
    """
    session.refuse_when_busy("made again")
    failed = session.transcript.get(message_id)
    model = session.engine.model
    if model is None or failed.parent_id is None:
        raise _no_model()
    system_tokens = await _count(session, session.settings["system.prompt"])
    room = model.context_length - model.context_length // _REPLY_PART - system_tokens
    branch = session.transcript.branch_to(failed.parent_id)
    recipe = replace(session.recipe(), num_left_out=await _num_left_out(session, branch, room))
    # Only now, so that nobody waits for the lock while a busy engine counts.
    async with session.saved.lock:
        session.refuse_when_busy("made again")
        conversation_id, now_s = session.conversation.conversation_id, session.clock()
        reply = open_reply(conversation_id, failed.parent_id, model.name, now_s, recipe)
        await session.saved.add_locked(reply)
        session.error = None
        session.replies.start(session.basis, reply, ())


async def _num_left_out(session: ChatSession, branch: Sequence[Message], room: int) -> int:
    """How many messages at the beginning have no place, counted from the end.

    Args:
        session: Its engine counts.
        branch: From the root to the message that is answered.
        room: Tokens.
    """
    num_left_out, num_tokens = len(branch), 0
    for place in range(len(branch) - 1, -1, -1):
        num_tokens += await _count(session, prompt_text(branch[place]))
        if num_tokens > room:
            break
        # Many templates refuse a chat that begins with a reply.
        if branch[place].role == "user":
            num_left_out = place
    if num_left_out == len(branch):
        raise PromptTooLong(
            f"the last message has {num_tokens:,} tokens; {room:,} fit",
            advice="Shorten it, or load the model with a larger context.",
            field="prompt",
        )
    return num_left_out


async def _count(session: ChatSession, text: str) -> int:
    """Tokens of a message.

    Raises:
        NoModel: It went away meanwhile.
    """
    num_tokens = await session.engine.count_tokens(text) if text.strip() else 0
    if num_tokens is None:
        raise _no_model()
    return num_tokens + TOKENS_BESIDE_TEXT


def _no_model() -> NoModel:
    return NoModel("no model is loaded", advice="Open a model file first.")
