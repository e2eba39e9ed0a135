"""Makes the messages a chat adds, and says which reply can go on. Pure functions."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from realm_desktop.errors import RequestError
from realm_desktop.events import FinishReason, ModelInfo
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.records import (
    Attachment,
    ConversationId,
    Message,
    MessageId,
    MessageState,
    UsedAdapter,
    UserTurn,
    new_message_id,
)

MAX_CHAT_SEED = 2**53
"""Seeds stay below this, so that every JSON reader shows them exactly."""


@dataclass(frozen=True, slots=True)
class ReplyRecipe:
    """What makes a reply, beside the messages before it.

    Attributes:
        seed: None draws a new one.
        num_left_out: The oldest messages that the model does not read.
        thinking: A value of the setting for thinking; empty follows what the chat says when it is asked.
    """

    adapters: tuple[UsedAdapter, ...] = ()
    sampling: SamplingParams | None = None
    seed: int | None = None
    num_left_out: int = 0
    thinking: str = ""


def recipe_of(reply: Message) -> ReplyRecipe:
    """What made a reply, as far as it is known."""
    return ReplyRecipe(
        reply.adapters, reply.sampling, reply.seed, reply.num_left_out, reply.thinking
    )


def new_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(MAX_CHAT_SEED)


def user_turn(text: str, attachments: Iterable[Attachment] = ()) -> UserTurn:
    """What a user says, cleaned once for good."""
    files = (Attachment(clean_text(a.name), clean_text(a.text)) for a in attachments)
    return UserTurn(clean_text(text), tuple(files))


def user_message(
    conversation_id: ConversationId, parent_id: MessageId | None, turn: UserTurn, created_s: float
) -> Message:
    """What the user said."""
    return Message(
        message_id=new_message_id(),
        conversation_id=conversation_id,
        parent_id=parent_id,
        role="user",
        content=turn.text,
        state=MessageState.COMPLETE,
        created_s=created_s,
        attachments=turn.attachments,
    )


def open_reply(
    conversation_id: ConversationId,
    parent_id: MessageId,
    model_name: str,
    created_s: float,
    recipe: ReplyRecipe,
) -> Message:
    """An empty reply that streams, with what makes it at this moment."""
    return Message(
        message_id=new_message_id(),
        conversation_id=conversation_id,
        parent_id=parent_id,
        role="assistant",
        content="",
        state=MessageState.STREAMING,
        created_s=created_s,
        model_name=model_name,
        seed=new_seed() if recipe.seed is None else recipe.seed,
        adapters=recipe.adapters,
        sampling=recipe.sampling,
        num_left_out=recipe.num_left_out,
        thinking=recipe.thinking,
    )


def edited_version(reply: Message, text: str, created_s: float) -> Message:
    """A version of a reply with the user's text; its figures and tokens no longer apply."""
    return replace(
        reply,
        message_id=new_message_id(),
        content=text,
        state=MessageState.COMPLETE,
        created_s=created_s,
        finish_reason=None,
        stats=None,
        error=None,
        is_edited=True,
        origin="",
        # The star was for other words.
        is_starred=False,
    )


def reopened(reply: Message) -> Message:
    """A reply that streams on behind its text so far."""
    return replace(reply, state=MessageState.STREAMING, finish_reason=None, error=None)


def can_go_on(message: Message) -> bool:
    """Whether a message is a reply that ended early, with its tokens still known."""
    if message.role != "assistant" or message.is_edited:
        return False
    if message.state is MessageState.COMPLETE:
        return message.finish_reason in (FinishReason.LENGTH, FinishReason.ABORT)
    return message.state is not MessageState.STREAMING


def require_same_model(reply: Message, model: ModelInfo | None) -> None:
    """Refuse to continue with another model: token ids mean something only to the one that chose.

    Raises:
        RequestError: Naming both models.
    """
    if model is None or model.name != reply.model_name:
        found = "no model" if model is None else repr(model.name)
        raise RequestError(
            f"the reply was written by {reply.model_name!r}; {found} is loaded",
            advice="Load that model to continue, or regenerate the reply.",
            field="model",
        )
