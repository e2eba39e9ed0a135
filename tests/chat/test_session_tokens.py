"""Going on from another token of a reply."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.continuation import continue_with
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import RequestError
from realm_desktop.events import Finished, FinishReason, Started, TextDelta, TokenLogprob
from tests.support.chats import Chat, with_chat


def _entry(token_id: int) -> TokenLogprob:
    top = ((token_id, -0.5), (token_id + 50, -1.5))
    return TokenLogprob(token_id, -0.5, top, f"t{token_id}", (f"t{token_id}", f"t{token_id + 50}"))


async def _traced_reply(chat: Chat) -> None:
    """A finished reply of the tokens 1, 2, 3."""
    await chat.session.send("hi")
    for token_id in (1, 2, 3):
        entries = (_entry(token_id),)
        chat.client.emit(TextDelta(chat.request_id, f"t{token_id}", (token_id,), logprobs=entries))
    chat.client.emit(Finished(chat.request_id, FinishReason.STOP, GenerationStats()))
    await chat.idle()


def test_new_version_begins_with_the_tokens_before_and_the_other_one(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _traced_reply(chat)
        old = chat.last
        await continue_with(chat.session, old.message_id, 1, 52)
        request = chat.client.requests[-1]

        assert request.committed_token_ids == (1, 52)
        assert (request.sampling.seed, chat.last.parent_id) == (old.seed, old.parent_id)
        assert chat.last.message_id != old.message_id

    with_chat(tmp_path, work)


def test_text_of_the_tokens_it_began_with_comes_from_the_engine(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _traced_reply(chat)
        await continue_with(chat.session, chat.last.message_id, 1, 52)
        chat.client.emit(Started(chat.request_id, 5, 0, "t1t52"))
        chat.stream("t9", 9)
        # An engine that took over says again what the reply has already.
        chat.client.emit(Started(chat.request_id, 5, 0, "t1t52t9"))
        chat.client.emit(Finished(chat.request_id, FinishReason.STOP, GenerationStats()))
        await chat.idle()

        assert chat.last.content == "t1t52t9"
        assert await chat.store.token_ids(chat.last.message_id) == (1, 52, 9)

    with_chat(tmp_path, work)


def test_tokens_of_the_new_version_are_known_from_its_start(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _traced_reply(chat)
        await continue_with(chat.session, chat.last.message_id, 1, 52)
        chat.client.emit(TextDelta(chat.request_id, "t9", (9,), logprobs=(_entry(9),)))
        await chat.until(lambda: "t9" in chat.last.content)
        trace = chat.session.traces.get(chat.last.message_id)

        assert trace is not None
        assert [entry.token_id for entry in trace.entries] == [1, 52, 9]

    with_chat(tmp_path, work)


def test_reply_without_known_tokens_is_refused(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("hi", "a", "b")

        with pytest.raises(RequestError, match="not known any more"):
            await continue_with(chat.session, chat.last.message_id, 0, 7)

    with_chat(tmp_path, work)


def test_reply_of_another_model_is_refused(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _traced_reply(chat)
        chat.session.transcript.replace(replace(chat.last, model_name="Other"))

        with pytest.raises(RequestError, match="Other"):
            await continue_with(chat.session, chat.last.message_id, 1, 52)

    with_chat(tmp_path, work)


def test_reply_goes_on_from_a_token_of_its_thought(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hi")
        for token_id, text in ((1, "<think>"), (2, "hm"), (3, "</think>"), (4, "Yes")):
            entry = (_entry(token_id),)
            chat.client.emit(TextDelta(chat.request_id, text, (token_id,), logprobs=entry))
        chat.client.emit(Finished(chat.request_id, FinishReason.STOP, GenerationStats()))
        await chat.idle()
        trace = chat.session.traces.of(chat.last)
        assert trace is not None
        assert [entry.token_id for entry in trace.entries] == [1, 2, 3, 4]
        await continue_with(chat.session, chat.last.message_id, 1, 52)
        chat.client.emit(Started(chat.request_id, 5, 0, "<think>t52"))
        chat.stream("</think>No", 9)
        chat.client.emit(Finished(chat.request_id, FinishReason.STOP, GenerationStats()))
        await chat.idle()

        assert chat.last.content == "<think>t52</think>No"
        assert chat.session.replies.thinking.seconds_of(chat.last.message_id) is None

    with_chat(tmp_path, work)
