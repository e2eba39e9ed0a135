"""The messages a chat adds, and which reply can go on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from realm_desktop.chat.new_messages import (
    MAX_CHAT_SEED,
    ReplyRecipe,
    can_go_on,
    edited_version,
    open_reply,
    reopened,
    require_same_model,
    user_message,
)
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import RequestError
from realm_desktop.events import ErrorInfo, FinishReason
from realm_desktop.protocol import AdapterId
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.store.records import (
    ConversationId,
    MessageId,
    MessageState,
    UsedAdapter,
    UserTurn,
)
from tests.support.fake_client import make_model_info
from tests.support.stores import make_message, make_reply

C1 = ConversationId("c1")


def test_user_message_is_complete() -> None:
    message = user_message(C1, None, UserTurn("hi"), 5.0)

    assert (message.role, message.content, message.state) == ("user", "hi", MessageState.COMPLETE)
    assert message.created_s == 5.0


def test_every_reply_has_an_id_and_a_seed_of_its_own() -> None:
    replies = [open_reply(C1, MessageId("u"), "Tiny", 1.0, ReplyRecipe()) for _ in range(50)]

    assert len({reply.message_id for reply in replies}) == 50
    seeds = {reply.seed for reply in replies}
    assert len(seeds) == 50
    assert all(seed is not None and 0 <= seed < MAX_CHAT_SEED for seed in seeds)
    assert {reply.state for reply in replies} == {MessageState.STREAMING}


def test_open_reply_keeps_its_recipe() -> None:
    used = (UsedAdapter(AdapterId("a"), "terse", 0.5),)
    recipe = ReplyRecipe(used, SamplingParams(temperature=1.5), seed=7)
    reply = open_reply(C1, MessageId("u"), "Tiny", 1.0, recipe)

    assert (reply.adapters, reply.sampling, reply.seed) == (used, recipe.sampling, 7)


def test_edited_version_drops_what_no_longer_applies() -> None:
    reply = make_reply(
        "a", "u", "old", finish_reason=FinishReason.STOP, stats=GenerationStats(), seed=4
    )
    version = edited_version(reply, "new", 9.0)

    assert version.message_id != reply.message_id
    assert version.parent_id == reply.parent_id
    assert (version.content, version.is_edited) == ("new", True)
    assert (version.finish_reason, version.stats, version.error) == (None, None, None)


def test_reopened_reply_keeps_text_and_seed() -> None:
    error = ErrorInfo("E", "e")
    reply = make_reply("a", "u", "half", state=MessageState.FAILED, error=error, seed=4)

    assert reopened(reply) == replace(reply, state=MessageState.STREAMING, error=None)


@pytest.mark.parametrize(
    ("state", "finish_reason", "expected"),
    [
        (MessageState.COMPLETE, FinishReason.STOP, False),
        (MessageState.COMPLETE, FinishReason.LENGTH, True),
        (MessageState.COMPLETE, FinishReason.ABORT, True),
        (MessageState.COMPLETE, None, False),
        (MessageState.INTERRUPTED, None, True),
        (MessageState.FAILED, None, True),
        (MessageState.STREAMING, None, False),
    ],
)
def test_reply_that_ended_early_can_go_on(
    state: MessageState, finish_reason: FinishReason | None, expected: bool
) -> None:
    reply = make_reply("a", "u", state=state, finish_reason=finish_reason)

    assert can_go_on(reply) == expected
    assert not can_go_on(replace(reply, is_edited=True))
    assert not can_go_on(make_message("u", state=state, finish_reason=finish_reason))


def test_continuing_needs_the_model_that_wrote_the_reply() -> None:
    reply = make_reply("a", "u", model_name="Tiny")
    require_same_model(reply, make_model_info(name="Tiny"))

    with pytest.raises(RequestError, match="'Other' is loaded"):
        require_same_model(reply, make_model_info(name="Other"))
    with pytest.raises(RequestError, match="no model is loaded"):
        require_same_model(reply, None)
