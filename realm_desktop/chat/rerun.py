"""Makes a reply again with everything that made it, and says where the two differ.

Belongs to the GUI thread, like the session whose replies these are.
"""

from __future__ import annotations

import asyncio
from functools import partial

from realm_desktop.chat.continuation import begin_with_model_of, start_version
from realm_desktop.chat.new_messages import open_reply, recipe_of
from realm_desktop.chat.session import ChatSession, Start
from realm_desktop.errors import RequestError
from realm_desktop.store.records import Message, MessageId, MessageState


def can_run_again(message: Message) -> bool:
    """Whether everything that made a reply is known."""
    is_whole = message.state is MessageState.COMPLETE and not message.is_edited
    return message.role == "assistant" and is_whole and message.sampling is not None


async def run_again(session: ChatSession, message_id: MessageId) -> MessageId | None:
    """Begin a new version of a reply: same model, adapters, sampling, seed and time of day.

    Returns:
        The version, once it runs; None if it was withdrawn while its model was loaded.

    Raises:
        RequestError: A reply runs, the model is another, or too little of the reply is known.
        StoreError: The version could not be saved.
    """
    async with session.saved.lock:
        session.refuse_when_busy("made again")
        old = session.transcript.get(message_id)
        if old.parent_id is None or not can_run_again(old):
            raise RequestError(
                "what made this reply is not known", advice="Regenerate it.", field="sampling"
            )
        recipe = recipe_of(old)
        # Templates may write the date into the prompt: it must be the same as then.
        conversation_id = session.conversation.conversation_id
        reply = open_reply(conversation_id, old.parent_id, old.model_name, old.created_s, recipe)
        start = partial(start_version, session, reply, ())
        await begin_with_model_of(session, old, start)
    await _end_of_waiting(session, start)
    return None if session.transcript.index_of(reply.message_id) is None else reply.message_id


async def _end_of_waiting(session: ChatSession, start: Start) -> None:
    """Until replies began, or were withdrawn."""
    changed = asyncio.Event()
    unsubscribe = session.subscribe(changed.set)
    try:
        while session.waits_for(start):
            changed.clear()
            await changed.wait()
    finally:
        unsubscribe()


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
