"""Replies made again with something changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.variation import answer_with, made_with
from realm_desktop.errors import NoModel, RequestError
from realm_desktop.events import ModelUnloaded
from tests.support.chats import Chat, with_chat


def test_temperature_changes_and_the_rest_stays(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "a")
        old = chat.last
        settings = replace(made_with(chat.session, old.message_id), temperature=1.7)
        await answer_with(chat.session, old.message_id, settings)
        first, second = (request.sampling for request in chat.client.requests)

        assert second == replace(first, temperature=1.7)
        assert chat.last.parent_id == old.parent_id
        chat.client.reply("b")
        await chat.idle()

    with_chat(tmp_path, work)


def test_version_remembers_what_it_was_made_with(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "a")
        settings = LaneSettings(temperature=1.7, seed=5)
        new_id = await answer_with(chat.session, chat.last.message_id, settings)
        chat.client.reply("b")
        await chat.idle()

        assert made_with(chat.session, new_id) == settings
        stored = (await chat.stored())[-1]
        assert stored.sampling is not None
        assert (stored.sampling.temperature, stored.seed) == (1.7, 5)

    with_chat(tmp_path, work)


def test_without_a_seed_a_new_one_is_drawn(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "a")
        old = chat.last
        await answer_with(chat.session, old.message_id, LaneSettings())

        assert chat.last.seed != old.seed
        assert chat.last.sampling == old.sampling
        chat.client.reply("b")
        await chat.idle()

    with_chat(tmp_path, work)


def test_nothing_is_made_without_a_model_or_beside_a_reply(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "a")
        message_id = chat.last.message_id
        await chat.session.send("two")
        with pytest.raises(RequestError, match="while a reply runs"):
            await answer_with(chat.session, message_id, LaneSettings())
        chat.client.reply("b")
        await chat.idle()
        chat.client.emit(ModelUnloaded())
        with pytest.raises(NoModel):
            await answer_with(chat.session, message_id, LaneSettings())

        assert len(await chat.stored()) == 4

    with_chat(tmp_path, work)
