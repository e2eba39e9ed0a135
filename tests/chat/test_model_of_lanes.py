"""Lanes, continued replies and repeated ones in a workspace that names a model."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from realm_desktop.chat.comparison import Comparison
from realm_desktop.chat.continuation import continue_reply
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.model_choice import ModelStep
from realm_desktop.chat.rerun import run_again
from realm_desktop.chat.session import SessionState
from realm_desktop.chat.variation import answer_with
from realm_desktop.errors import RequestError
from realm_desktop.events import FinishReason, ModelLoaded
from tests.support.chats import Chat
from tests.support.fake_client import make_model_info
from tests.support.lanes import answer_all, ask_lanes, lane_replies
from tests.support.model_switches import Shop, busy_chat, loaded, with_qwen_chat

OTHER = ModelLoaded(make_model_info())


async def _answered(chat: Chat, finish: FinishReason = FinishReason.LENGTH) -> None:
    """One exchange with the workspace's model, which another one replaced since."""
    chat.client.emit(loaded())
    await chat.session.send("hello")
    chat.client.reply("hi", finish_reason=finish)
    await chat.idle()
    chat.client.emit(OTHER)


def test_lanes_wait_for_the_model_of_their_workspace(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        comparison = Comparison(chat.session)
        await ask_lanes(comparison)
        await chat.until(lambda: bool(shop.loads))
        waiting = (chat.state, comparison.can_run, comparison.model_name)
        comparison.add_lane(LaneSettings(temperature=1.5))
        chat.client.emit(loaded())
        await chat.until(lambda: len(chat.client.requests) == 3)
        await answer_all(chat)

        assert waiting == (SessionState.QUEUED, False, "qwen")
        assert {reply.model_name for reply in lane_replies(comparison)} == {"qwen"}
        comparison.close()

    with_qwen_chat(tmp_path, work)


def test_lanes_ask_before_they_end_replies_of_others(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        other = await busy_chat(chat)
        comparison = Comparison(chat.session)
        await ask_lanes(comparison)

        assert chat.library.models.question(chat.session) is ModelStep.ASK
        assert (shop.loads, bool(other.replies), len(chat.client.requests)) == ([], True, 1)
        comparison.close()

    with_qwen_chat(tmp_path, work)


def test_lanes_that_wait_can_be_withdrawn(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        comparison = Comparison(chat.session)
        await ask_lanes(comparison)
        await chat.until(lambda: bool(shop.loads))
        await chat.session.stop()
        chat.client.emit(loaded())
        await asyncio.sleep(0)

        assert not chat.client.requests
        assert comparison.can_run
        comparison.close()

    with_qwen_chat(tmp_path, work)


def test_lane_beside_running_ones_does_not_end_them_for_a_load(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        comparison = Comparison(chat.session)
        await comparison.send("Why?")
        comparison.add_lane(LaneSettings(temperature=1.5))
        chat.client.emit(loaded())
        await comparison.run()
        chat.client.emit(OTHER)
        comparison.add_lane(LaneSettings(temperature=1.7))
        await comparison.run()

        assert chat.library.models.question(chat.session) is ModelStep.ASK
        assert (shop.loads, len(chat.client.requests)) == ([], 3)
        comparison.close()

    with_qwen_chat(tmp_path, work)


def test_reply_goes_on_once_its_model_is_loaded(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        await _answered(chat)
        await continue_reply(chat.session)
        await chat.until(lambda: bool(shop.loads))
        chat.client.emit(loaded())
        await chat.until(lambda: len(chat.client.requests) == 2)
        chat.client.reply(" there")
        await chat.idle()

        assert chat.texts == ["hello", "hi there"]

    with_qwen_chat(tmp_path, work)


def test_reply_of_the_loaded_model_goes_on_without_a_load(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        general = chat.session.workspace
        chat.session.workspace = chat.library.workspaces[0]
        await chat.session.send("hello")
        chat.client.reply("hi", finish_reason=FinishReason.LENGTH)
        await chat.idle()
        chat.session.workspace = general
        await continue_reply(chat.session)

        assert (shop.loads, len(chat.client.requests)) == ([], 2)

    with_qwen_chat(tmp_path, work)


def test_reply_of_neither_model_cannot_go_on(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        await _answered(chat)
        shop.models.clear()
        chat.library.models.serve(shop.find, shop.loads.append, lambda _path: "Else")
        with pytest.raises(RequestError, match="written by 'qwen'"):
            await continue_reply(chat.session)

        assert not chat.session.is_busy

    with_qwen_chat(tmp_path, work)


def test_deleted_reply_does_not_go_on(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        await _answered(chat)
        message_id = chat.last.message_id
        await continue_reply(chat.session)
        await chat.until(lambda: bool(shop.loads))
        chat.session.transcript.load([])
        chat.client.emit(loaded())
        await chat.idle()

        assert len(chat.client.requests) == 1
        assert chat.session.transcript.index_of(message_id) is None
        assert chat.session.error is None

    with_qwen_chat(tmp_path, work)


def test_reply_is_made_again_once_its_model_is_loaded(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        await _answered(chat, FinishReason.STOP)
        repeating = asyncio.create_task(run_again(chat.session, chat.last.message_id))
        await chat.until(lambda: bool(shop.loads))
        chat.client.emit(loaded())
        new_id = await repeating

        assert new_id == chat.last.message_id
        assert chat.client.requests[0].sampling == chat.client.requests[1].sampling

    with_qwen_chat(tmp_path, work)


def test_repetition_that_is_withdrawn_makes_nothing(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        await _answered(chat, FinishReason.STOP)
        repeating = asyncio.create_task(run_again(chat.session, chat.last.message_id))
        await chat.until(lambda: bool(shop.loads))
        await chat.session.stop()

        assert await repeating is None
        assert len(await chat.stored()) == 2

    with_qwen_chat(tmp_path, work)


def test_variation_is_made_by_the_model_of_the_workspace(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        await _answered(chat)
        new_id = await answer_with(chat.session, chat.last.message_id, LaneSettings())
        await chat.until(lambda: bool(shop.loads))
        chat.client.emit(loaded())
        await chat.until(lambda: bool(chat.session.replies))

        assert (chat.last.message_id, chat.last.model_name) == (new_id, "qwen")

    with_qwen_chat(tmp_path, work)
