"""Replies made again exactly, and where they differ."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.continuation import continue_reply
from realm_desktop.chat.origin import MIXED, Part, changes
from realm_desktop.chat.rerun import can_run_again, first_difference, run_again
from realm_desktop.errors import RequestError
from realm_desktop.events import FinishReason, ModelLoaded
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.schema.table import THINKING_KEY
from realm_desktop.store.records import MessageState
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import make_model_info
from tests.support.stores import make_message, make_reply

REPLY = make_reply("a", "u", "x", sampling=SamplingParams())


async def _run_again(chat: Chat, *pieces: str) -> int | None:
    """Make the only reply again, answered with pieces of one token each; their first difference."""
    old = chat.last
    new_id = await run_again(chat.session, old.message_id)
    assert new_id is not None
    comparing = asyncio.create_task(first_difference(chat.session, old.message_id, new_id))
    await asyncio.sleep(0)
    chat.client.reply(*pieces, finish_reason=FinishReason.STOP)
    return await comparing


async def _continue(chat: Chat, prompt: str) -> None:
    """Go on with the last reply under a system prompt, to an early end."""
    own = {"system.prompt": prompt}
    await chat.session.saved.change(lambda old: replace(old, settings=own))
    await continue_reply(chat.session)
    chat.client.reply("b", finish_reason=FinishReason.LENGTH)
    await chat.idle()


async def _set_thinking(chat: Chat, wish: str) -> None:
    await chat.session.saved.change(lambda old: replace(old, settings={THINKING_KEY: wish}))


def test_request_is_the_same_to_the_last_field(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "a", "b")
        assert await _run_again(chat, "a", "b") is None
        first, second = chat.client.requests

        for name in ("messages", "sampling", "adapters", "clock_s", "json_schema"):
            assert getattr(first, name) == getattr(second, name)
        assert chat.session.transcript.version_of(chat.last.message_id) == (1, 2)

    with_chat(tmp_path, work)


@pytest.mark.parametrize("wish", ["template", "on", "off"])
def test_reply_is_thought_over_again_as_it_was(tmp_path: Path, wish: str) -> None:
    async def work(chat: Chat) -> None:
        await _set_thinking(chat, wish)
        await chat.exchange("one", "a")
        await _set_thinking(chat, "off" if wish == "on" else "on")
        await _run_again(chat, "a")

        first, second = chat.client.requests
        assert first.is_thinking is second.is_thinking
        assert [message.thinking for message in await chat.stored()] == ["", wish, wish]

    with_chat(tmp_path, work)


def test_reply_that_does_not_tell_is_thought_over_as_the_chat_says(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "a")
        old = replace(chat.last, thinking="")
        await chat.session.saved.replace_locked(old)
        await _set_thinking(chat, "off")
        await _run_again(chat, "a")

        assert chat.client.requests[-1].is_thinking is False

    with_chat(tmp_path, work)


@pytest.mark.parametrize(("pieces", "place"), [(("a", "b", "c"), 2), (("a",), 1), ((), 0)])
def test_first_difference_is_told(tmp_path: Path, pieces: tuple[str, ...], place: int) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "a", "b")

        assert await _run_again(chat, *pieces) == place

    with_chat(tmp_path, work)


def test_changed_prompt_and_form_are_known_afterwards(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "a")
        old = chat.last
        own = {"system.prompt": "Rhyme.", "system.output_form": "regex", "system.output_text": "a+"}
        await chat.session.saved.change(lambda now: replace(now, settings=own))
        await _run_again(chat, "a")

        stored = await chat.stored()
        assert changes(old, chat.last) == [Part.INSTRUCTIONS, Part.FORM]
        assert [len(message.origin.split()) for message in stored] == [0, 3, 3]

    with_chat(tmp_path, work)


def test_reply_continued_with_another_prompt_has_no_single_origin(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("one")
        chat.client.reply("a", finish_reason=FinishReason.LENGTH)
        await chat.idle()
        await _continue(chat, "")
        assert len(chat.last.origin.split()) == 3

        for prompt in ("Rhyme.", "Shout."):
            await _continue(chat, prompt)
            assert chat.last.origin == MIXED

    with_chat(tmp_path, work)


def test_reply_that_was_interrupted_does_not_tell_what_began_it(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("one")
        chat.stream("a", 1)
        await chat.until(lambda: chat.texts == ["one", "a"])
        await chat.session.replies.interrupt()
        assert chat.last.origin == ""

        await _continue(chat, "Rhyme.")
        assert chat.last.origin == MIXED

    with_chat(tmp_path, work)


def test_another_model_cannot_repeat_a_reply(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "a")
        chat.client.emit(ModelLoaded(make_model_info(name="Other")))
        with pytest.raises(RequestError, match="Other"):
            await run_again(chat.session, chat.last.message_id)

        assert len(await chat.stored()) == 2

    with_chat(tmp_path, work)


@pytest.mark.parametrize(
    "message",
    [
        make_message("u", content="x"),
        make_reply("a", "u", "x"),
        make_reply("a", "u", "x", sampling=SamplingParams(), is_edited=True),
        make_reply("a", "u", "x", sampling=SamplingParams(), state=MessageState.INTERRUPTED),
    ],
)
def test_what_was_not_made_that_way_cannot_be_repeated(message: object) -> None:
    assert can_run_again(REPLY)
    assert not can_run_again(message)  # type: ignore[arg-type]  # a message of some kind
