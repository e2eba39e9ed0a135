"""A reply that is asked of another model than the one that answers in its chat."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.model_choice import ModelStep
from realm_desktop.chat.variation import answer_with
from realm_desktop.events import ErrorInfo, LoadFailed
from tests.support.chats import Chat, with_chat
from tests.support.model_switches import QWEN, Shop, busy_chat, loaded

REFUSED = LoadFailed(QWEN, ErrorInfo("CorruptFile", "the file is cut"), is_unloaded=False)


async def _asked(chat: Chat, shop: Shop) -> None:
    """One round by the loaded model, then its reply again by Qwen."""
    shop.serve(chat.library.models)
    await chat.exchange("one", "a")
    await answer_with(chat.session, chat.last.message_id, LaneSettings(), QWEN)


def test_wished_model_is_loaded_and_writes_the_version(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        shop = Shop()
        await _asked(chat, shop)
        await chat.until(lambda: shop.loads == [QWEN])
        chat.client.emit(loaded())
        await chat.until(lambda: len(chat.client.requests) == 2)
        chat.client.reply("b")
        await chat.idle()

        assert (chat.last.model_name, chat.texts) == ("qwen", ["one", "b"])
        assert not chat.library.models.is_wished(chat.session)

    with_chat(tmp_path, work)


def test_loaded_model_answers_when_it_is_wished(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        shop = Shop()
        shop.serve(chat.library.models)
        await chat.exchange("one", "a")
        chat.client.emit(loaded())
        await answer_with(chat.session, chat.last.message_id, LaneSettings(), QWEN)
        chat.client.reply("b")
        await chat.idle()

        assert (chat.last.model_name, shop.loads) == ("qwen", [])

    with_chat(tmp_path, work)


def test_running_reply_is_not_ended_for_a_wish(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        shop = Shop()
        other = await busy_chat(chat)
        shop.serve(chat.library.models)
        await chat.session.send("one")
        chat.client.reply("a")
        await chat.idle()
        await answer_with(chat.session, chat.last.message_id, LaneSettings(), QWEN)

        assert chat.library.models.question(chat.session) is ModelStep.ASK
        assert (shop.loads, bool(other.replies)) == ([], True)

    with_chat(tmp_path, work)


def test_withdrawn_wish_is_forgotten(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        shop = Shop()
        await _asked(chat, shop)
        await chat.session.stop()

        models = chat.library.models
        assert (models.is_wished(chat.session), models.name_for(chat.session)) == (False, "Tiny")
        await chat.exchange("two", "b")
        assert (chat.last.model_name, shop.loads) == ("Tiny", [])

    with_chat(tmp_path, work)


@pytest.mark.parametrize("is_gone", [True, False])
def test_lost_wish_is_answered_once_by_the_loaded_model(tmp_path: Path, is_gone: bool) -> None:
    async def work(chat: Chat) -> None:
        shop = Shop([] if is_gone else [QWEN])
        await _asked(chat, shop)
        models = chat.library.models
        if not is_gone:
            await chat.until(lambda: shop.loads == [QWEN])
            chat.client.emit(REFUSED)
        await chat.until(lambda: models.question(chat.session) is ModelStep.LOST)
        models.use_loaded(chat.session)
        await chat.until(lambda: len(chat.client.requests) == 2)
        chat.client.reply("b")
        await chat.idle()
        assert chat.last.model_name == "Tiny"

        # Asked for again by hand, it is tried again.
        await answer_with(chat.session, chat.last.message_id, LaneSettings(), QWEN)
        assert models.question(chat.session) is None

    with_chat(tmp_path, work)


def test_model_that_answers_anyway_is_not_offered(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        Shop(["/models/tiny.gguf", QWEN]).serve(chat.library.models)

        chat.client.emit(loaded("/models/tiny.gguf"))
        assert await chat.library.models.others(chat.session) == [(QWEN, "qwen")]

    with_chat(tmp_path, work)
