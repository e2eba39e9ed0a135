"""Makes a reply again with one thing or another changed: model, temperature, seed, adapters.

Belongs to the GUI thread, like the session whose reply this is.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from realm_desktop.chat.lanes import LaneSettings, settings_of_replies
from realm_desktop.chat.new_messages import open_reply, recipe_of
from realm_desktop.chat.session import ChatSession
from realm_desktop.errors import NoModel
from realm_desktop.events import ModelInfo
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.schema.requests import sampling_params
from realm_desktop.store.records import Message, MessageId


def can_vary(session: ChatSession) -> bool:
    """Whether the last message of a chat is a reply that can be made again with a change."""
    messages = session.transcript.messages
    is_reply = bool(messages) and messages[-1].role == "assistant"
    return is_reply and messages[-1].parent_id is not None and not session.is_busy


def made_with(session: ChatSession, message_id: MessageId) -> LaneSettings:
    """What a reply was made with; one that does not say so was made as the chat is set now."""
    reply = session.transcript.get(message_id)
    sampling = _sampling_of(session, reply)
    (settings,) = settings_of_replies([reply], sampling)
    return replace(settings, temperature=sampling.temperature, seed=reply.seed)


async def answer_with(
    session: ChatSession, message_id: MessageId, settings: LaneSettings, model_path: str = ""
) -> MessageId:
    """Begin a new version of a reply, now or when the model that writes it is loaded.

    What `settings` does not name stays as it was then.

    Args:
        session: Has the reply.
        message_id: Of the reply.
        settings: Without a temperature that of the reply holds, without a seed a new one is drawn.
        model_path: Writes this version alone; empty takes the model that answers in the chat.

    Raises:
        NoModel: None is loaded, and neither the caller nor the workspace names one.
        RequestError: A reply runs.
        StoreError: The version could not be saved.
    """
    async with session.saved.lock:
        session.refuse_when_busy("made again")
        old = session.transcript.get(message_id)
        name = model_path or session.models.name_for(session)
        if not name or old.parent_id is None:
            raise NoModel("no model is loaded", advice="Load a model, then regenerate.")
        sampling = _sampling_of(session, old)
        if settings.temperature is not None:
            sampling = replace(sampling, temperature=settings.temperature)
        used = session.adapters.used(settings.mix)
        recipe = replace(recipe_of(old), adapters=used, sampling=sampling, seed=settings.seed)
        conversation_id, now_s = session.conversation.conversation_id, session.clock()
        reply = open_reply(conversation_id, old.parent_id, "", now_s, recipe)
        if model_path:
            session.models.wish(session, model_path)
        await session.begin_locked(partial(_start, session, reply))
        return reply.message_id


async def _start(session: ChatSession, reply: Message, model: ModelInfo) -> None:
    named = replace(reply, model_name=model.name)
    await session.saved.add_locked(named)
    session.replies.start(session.basis, named, ())


def _sampling_of(session: ChatSession, reply: Message) -> SamplingParams:
    return reply.sampling or sampling_params(session.settings)
