"""Goes on with a reply that is there already: where it ended, or from another token of it.

Belongs to the GUI thread, like the session whose replies these are.
"""

from __future__ import annotations

from realm_desktop.chat.new_messages import (
    ReplyRecipe,
    can_go_on,
    open_reply,
    reopened,
    require_same_model,
)
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.token_traces import with_alternative
from realm_desktop.errors import RequestError
from realm_desktop.store.records import MessageId


def can_continue(session: ChatSession) -> bool:
    """Whether the last reply of a chat ended early and can go on."""
    messages = session.transcript.messages
    return bool(messages) and not session.is_busy and can_go_on(messages[-1])


async def continue_reply(session: ChatSession) -> None:
    """Go on with the last reply where it ended: same seed, same tokens so far.

    Raises:
        RequestError: It cannot be continued: it is complete, edited, or of another model.
        StoreError: The database failed.
    """
    async with session.saved.lock:
        session.refuse_when_busy("continued")
        if not can_continue(session):
            raise RequestError(
                "only a reply that ended early can be continued",
                advice="Regenerate it, or send another message.",
            )
        reply = session.transcript.messages[-1]
        token_ids = await session.saved.token_ids(reply.message_id)
        require_same_model(reply, session.engine.model)
        streaming = reopened(reply)
        await session.saved.replace_locked(streaming)
        session.error = None
        session.replies.start(session.basis, streaming, token_ids)


async def continue_with(
    session: ChatSession, message_id: MessageId, place: int, token_id: int
) -> None:
    """A new version of a reply that takes another token at a place, and goes on from there.

    Args:
        session: The chat.
        message_id: A reply whose tokens are traced.
        place: Of the token in the trace.
        token_id: One of the alternatives there.

    Raises:
        RequestError: A reply runs, the tokens are not known, or another model is loaded.
        StoreError: The version could not be saved.
    """
    async with session.saved.lock:
        session.refuse_when_busy("continued")
        old, trace = session.transcript.get(message_id), session.traces.get(message_id)
        require_same_model(old, session.engine.model)
        token_ids = await session.saved.token_ids(message_id)
        if trace is None or old.parent_id is None or place >= len(trace.entries):
            raise RequestError(
                "the tokens of this reply are not known any more", advice="Regenerate it."
            )
        recipe = ReplyRecipe(old.adapters, old.sampling, old.seed, old.num_left_out)
        conversation_id, now_s = session.conversation.conversation_id, session.clock()
        reply = open_reply(conversation_id, old.parent_id, old.model_name, now_s, recipe)
        session.traces.begin(reply.message_id, with_alternative(trace, place, token_id))
        await session.saved.add_locked(reply)
        session.error = None
        committed = (*token_ids[: trace.first + place], token_id)
        session.replies.start(session.basis, reply, committed)
