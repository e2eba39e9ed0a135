"""A message in a workspace that names a model: loaded for it, asked about, or answered otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.model_choice import ModelStep
from realm_desktop.chat.session import SessionState
from realm_desktop.events import EngineDown, ErrorInfo, LoadFailed, LoadProgress
from tests.support.chats import Chat
from tests.support.fake_client import reply_events
from tests.support.model_switches import QWEN, Shop, busy_chat, loaded, with_qwen_chat

REFUSED = LoadFailed(QWEN, ErrorInfo("CorruptFile", "the file is cut"), is_unloaded=False)


def test_message_waits_for_the_model_of_its_workspace(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        await chat.session.send("hello")
        await chat.until(lambda: shop.loads == [QWEN])
        chat.client.emit(LoadProgress(QWEN, "reading", 0.43))
        assert (chat.state, "43" in chat.session.status_text) == (
            SessionState.WAITING_FOR_MODEL,
            True,
        )
        assert chat.client.requests == []

        chat.client.emit(loaded())
        await chat.until(lambda: bool(chat.client.requests))
        chat.client.reply("hi")
        await chat.idle()
        assert (chat.last.model_name, chat.texts) == ("qwen", ["hello", "hi"])

    with_qwen_chat(tmp_path, work)


def test_running_reply_is_never_ended_for_another_model(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        other = await busy_chat(chat)
        await chat.session.send("hello")

        assert chat.library.models.question(chat.session) is ModelStep.ASK
        assert chat.session.models.name_for(chat.session) == "qwen"
        assert (shop.loads, bool(other.replies)) == ([], True)

    with_qwen_chat(tmp_path, work)


def test_model_is_loaded_when_the_others_are_done(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        other = await busy_chat(chat)
        await chat.session.send("hello")
        chat.library.models.wait_for_others(chat.session)
        assert chat.library.models.question(chat.session) is None

        chat.client.reply("done")
        await chat.until(lambda: shop.loads == [QWEN])
        assert other.transcript.messages[-1].content == "done"

    with_qwen_chat(tmp_path, work)


def test_loaded_model_answers_one_message_on_request(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        other = await busy_chat(chat)
        await chat.session.send("hello")
        chat.library.models.use_loaded(chat.session)
        await chat.until(lambda: bool(chat.session.replies))
        chat.client.emit(*reply_events(chat.client.requests[-1], ["hi"]))
        await chat.until(lambda: not chat.session.replies)
        assert chat.last.model_name == "Tiny"

        await chat.session.send("again")
        assert chat.library.models.question(chat.session) is ModelStep.ASK
        assert (shop.loads, bool(other.replies)) == ([], True)

    with_qwen_chat(tmp_path, work)


def test_model_that_is_gone_is_told_once_and_replaced_for_good(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        shop.models.clear()
        await chat.session.send("hello")
        models = chat.library.models
        await chat.until(lambda: models.question(chat.session) is ModelStep.LOST)
        assert models.is_gone(chat.session)

        models.use_loaded(chat.session)
        await chat.until(lambda: bool(chat.client.requests))
        chat.client.reply("hi")
        await chat.idle()
        await chat.exchange("again", "hi again")
        assert shop.loads == []

    with_qwen_chat(tmp_path, work)


def test_refused_model_is_not_loaded_again_by_itself(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        await chat.session.send("hello")
        await chat.until(lambda: shop.loads == [QWEN])
        chat.client.emit(REFUSED)

        assert chat.library.models.question(chat.session) is ModelStep.LOST
        assert not chat.library.models.is_gone(chat.session)
        assert (chat.session.error, shop.loads) == (None, [QWEN])
        chat.client.emit(loaded())  # by the user, with less memory
        await chat.until(lambda: bool(chat.client.requests))

    with_qwen_chat(tmp_path, work)


def test_other_chat_that_waited_for_the_load_is_answered_when_it_fails(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        await chat.session.send("hello")
        await chat.until(lambda: shop.loads == [QWEN])
        other = await chat.library.new_conversation()
        await other.send("in between")
        assert chat.client.requests == []

        chat.client.emit(REFUSED)
        await chat.until(lambda: bool(other.replies))
        assert other.error is None

    with_qwen_chat(tmp_path, work)


def test_two_waiting_chats_do_not_load_in_turn(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        shop.models.append("/models/tiny.gguf")
        general = chat.library.workspaces[0]
        await chat.library.update_workspace(replace(general, model_path="/models/tiny.gguf"))
        await chat.session.send("hello")
        await chat.until(lambda: shop.loads == [QWEN])
        other = await chat.library.new_conversation()
        await other.send("in between")
        chat.client.emit(loaded())
        await chat.until(lambda: bool(chat.session.replies))

        assert chat.library.models.question(other) is ModelStep.ASK
        assert shop.loads == [QWEN]

    with_qwen_chat(tmp_path, work)


def test_withdrawn_message_loads_nothing(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        await chat.session.send("hello")
        await chat.session.stop()
        await chat.library.models.close()

        assert (shop.loads, chat.state) == ([], SessionState.IDLE)

    with_qwen_chat(tmp_path, work)


def test_workspace_with_another_model_is_asked_no_more(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        shop.models.clear()
        await chat.session.send("hello")
        models = chat.library.models
        await chat.until(lambda: models.question(chat.session) is ModelStep.LOST)

        await chat.library.update_workspace(replace(chat.session.workspace, model_path=""))
        await chat.until(lambda: bool(chat.client.requests))
        assert models.question(chat.session) is None

    with_qwen_chat(tmp_path, work)


def test_model_that_came_back_is_loaded(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        shop.models.clear()
        await chat.session.send("hello")
        models = chat.library.models
        await chat.until(lambda: models.question(chat.session) is ModelStep.LOST)

        shop.models.append(QWEN)
        models.look_again()
        await chat.until(lambda: shop.loads == [QWEN])

    with_qwen_chat(tmp_path, work)


def test_engine_that_stays_down_is_told_and_not_loaded_into(tmp_path: Path) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        chat.client.emit(EngineDown("it died three times"))
        await chat.session.send("hello")

        assert (shop.loads, chat.library.models.question(chat.session)) == ([], None)

    with_qwen_chat(tmp_path, work)


@pytest.mark.parametrize("is_found", [True, False])
def test_search_that_breaks_counts_as_gone(tmp_path: Path, is_found: bool) -> None:
    async def work(chat: Chat, shop: Shop) -> None:
        async def find(path: str) -> bool:
            if not is_found:
                raise OSError("the disk is asleep")
            return True

        models = chat.library.models
        models.serve(find, shop.loads.append, str)
        await chat.session.send("hello")
        await chat.until(lambda: bool(shop.loads) or models.is_gone(chat.session))
        assert shop.loads == ([QWEN] if is_found else [])

    with_qwen_chat(tmp_path, work)
