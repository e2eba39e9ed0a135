"""Makes a reply again with everything that made it, and says where the two differ.

Belongs to the GUI thread, like the session whose replies these are.
"""

from __future__ import annotations

import asyncio

from realm_desktop.chat.new_messages import ReplyRecipe, open_reply, require_same_model
from realm_desktop.chat.session import ChatSession
from realm_desktop.errors import RequestError
from realm_desktop.store.records import Message, MessageId, MessageState


def can_run_again(message: Message) -> bool:
    """Whether everything that made a reply is known."""
    is_whole = message.state is MessageState.COMPLETE and not message.is_edited
    return message.role == "assistant" and is_whole and message.sampling is not None


async def run_again(session: ChatSession, message_id: MessageId) -> MessageId:
    """Begin a new version of a reply: same model, adapters, sampling, seed and time of day.

    Raises:
        RequestError: A reply runs, another model is loaded, or too little of the reply is known.
        StoreError: The version could not be saved.
    """
    async with session.saved.lock:
        session.refuse_when_busy("made again")
        old = session.transcript.get(message_id)
        require_same_model(old, session.engine.model)
        if old.parent_id is None or not can_run_again(old):
            raise RequestError(
                "what made this reply is not known", advice="Regenerate it.", field="sampling"
            )
        recipe = ReplyRecipe(old.adapters, old.sampling, old.seed, old.num_left_out)
        # Templates may write the date into the prompt: it must be the same as then.
        conversation_id = session.conversation.conversation_id
        reply = open_reply(conversation_id, old.parent_id, old.model_name, old.created_s, recipe)
        await session.saved.add_locked(reply)
        session.error = None
        session.replies.start(session.basis, reply, ())
        return reply.message_id


async def first_difference(
    session: ChatSession, old_id: MessageId, new_id: MessageId
) -> int | None:
    """Wait for the end of a reply, then compare its tokens with those of another one.

    Returns:
        The number of equal tokens before the first difference; None if there is no difference.

    Raises:
        KeyError: One of them was deleted.
        StoreError: The database cannot be read.
    """
    changed = asyncio.Event()
    unwatch = session.transcript.watch(new_id, changed.set)
    try:
        while session.transcript.get(new_id).state is MessageState.STREAMING:
            changed.clear()
            await changed.wait()
    finally:
        unwatch()
    old, new = [await session.saved.token_ids(one) for one in (old_id, new_id)]
    if old == new:
        return None
    pairs = zip(old, new, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))
