"""Goes on with a reply that is there already: where it ended, or from another token of it.

Only the model that wrote a reply can do that; one that its workspace names is loaded first. Belongs to the GUI thread, like the session whose replies these are.
"""

from __future__ import annotations

from functools import partial

from realm_desktop.chat.new_messages import (
    can_go_on,
    open_reply,
    recipe_of,
    reopened,
    require_same_model,
)
from realm_desktop.chat.session import ChatSession, Start
from realm_desktop.chat.token_traces import with_alternative
from realm_desktop.errors import RequestError
from realm_desktop.events import ModelInfo
from realm_desktop.store.records import Message, MessageId


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
        await begin_with_model_of(session, reply, partial(_go_on, session, reply.message_id))


async def begin_with_model_of(session: ChatSession, reply: Message, start: Start) -> None:
    """Start what only the model that wrote a reply can do, now or when it is loaded.

    The chat's lock is held; `start` makes sure of the model once more.

    Raises:
        RequestError: Neither is it loaded, nor does the workspace name it.
        RealmError: As `ChatSession.begin_locked`.
    """
    model = session.engine.model
    if model is not None and model.name == reply.model_name:
        session.models.accept_loaded(session)
    elif session.models.name_for(session) != reply.model_name:
        require_same_model(reply, model)
    await session.begin_locked(start)


async def _go_on(session: ChatSession, reply_id: MessageId, model: ModelInfo) -> None:
    if session.transcript.index_of(reply_id) is None:
        return  # it was deleted while the model was loaded
    reply = session.transcript.get(reply_id)
    require_same_model(reply, model)
    token_ids = await session.saved.token_ids(reply_id)
    streaming = reopened(reply)
    await session.saved.replace_locked(streaming)
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
        RequestError: A reply runs, the tokens are not known, or the model is another.
        StoreError: The version could not be saved.
    """
    async with session.saved.lock:
        session.refuse_when_busy("continued")
        old, trace = session.transcript.get(message_id), session.traces.get(message_id)
        token_ids = await session.saved.token_ids(message_id)
        if trace is None or old.parent_id is None or place >= len(trace.entries):
            raise RequestError(
                "the tokens of this reply are not known any more", advice="Regenerate it."
            )
        recipe = recipe_of(old)
        conversation_id, now_s = session.conversation.conversation_id, session.clock()
        reply = open_reply(conversation_id, old.parent_id, old.model_name, now_s, recipe)
        session.traces.begin(reply.message_id, with_alternative(trace, place, token_id))
        committed = (*token_ids[: trace.first + place], token_id)
        await begin_with_model_of(session, old, partial(start_version, session, reply, committed))


async def start_version(
    session: ChatSession, reply: Message, token_ids: tuple[int, ...], model: ModelInfo
) -> None:
    """Store a new version of a reply and ask for it, behind these tokens.

    Raises:
        RequestError: Another model than that of the reply is loaded.
        StoreError: It could not be saved; nothing is generated.
    """
    require_same_model(reply, model)
    await session.saved.add_locked(reply)
    session.replies.start(session.basis, reply, token_ids)
