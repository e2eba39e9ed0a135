"""Tests of replies that use adapters: named, waited for, refused, kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat.continuation import continue_reply
from realm_desktop.chat.session_state import SessionState
from realm_desktop.events import AdapterInfo, AdapterLoaded, ErrorInfo, FinishReason
from realm_desktop.protocol import AdapterUse, Generate, LoadAdapter, Priority
from realm_desktop.store.records import KnownAdapter, MessageState
from tests.support.adapter_libraries import mix_of, use_of
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import FakeEngineClient
from tests.support.plain_adapters import write_adapter

REFUSED = ErrorInfo("AdapterMismatch", "terse: q_proj is 9 wide, 8 expected", "Choose another.")


async def _attach(chat: Chat, folder: Path, weight: float = 0.8) -> KnownAdapter:
    """Add an adapter and make it the mix of the chat's workspace."""
    added = await chat.library.adapters.add([write_adapter(folder / "terse")])
    await _set_mix(chat, mix_of(added.adapters[0], weight=weight))
    return added.adapters[0]


async def _set_mix(chat: Chat, mix: AdapterMix) -> None:
    await chat.library.update_workspace(replace(chat.session.workspace, adapters=mix))


async def _ask(chat: Chat, text: str = "hello") -> None:
    """Send a message and wait until its request is out."""
    count = len(chat.client.requests)
    await chat.session.send(text)
    await chat.until(lambda: len(chat.client.requests) > count)


def test_request_names_the_mix_of_the_workspace(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        adapter = await _attach(chat, tmp_path)
        await _ask(chat)

        assert chat.client.requests[0].adapters == (AdapterUse(adapter.adapter_id, 0.8),)
        kinds = [type(c) for c in chat.client.commands if isinstance(c, LoadAdapter | Generate)]
        assert kinds == [LoadAdapter, Generate]

    with_chat(tmp_path, work)


def test_reply_is_stored_with_what_made_it(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        adapter = await _attach(chat, tmp_path)
        await _ask(chat)
        chat.client.reply("hi")
        await chat.idle()

        assert (await chat.stored())[1].adapters == (use_of(adapter, 0.8),)

    with_chat(tmp_path, work)


def test_bypassed_mix_asks_the_base_model(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        adapter = await _attach(chat, tmp_path)
        await _set_mix(chat, replace(mix_of(adapter), is_bypassed=True))
        await _ask(chat)

        assert chat.client.requests[0].adapters == ()
        assert chat.last.adapters == ()

    with_chat(tmp_path, work)


def test_refused_adapter_fails_the_reply_and_nothing_is_generated(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        chat.client.adapter_error = REFUSED
        await _attach(chat, tmp_path)
        await chat.session.send("hello")
        await chat.idle()

        assert chat.client.requests == []
        assert (chat.last.state, chat.last.error) == (MessageState.FAILED, REFUSED)

    with_chat(tmp_path, work)


def test_wait_for_adapters_is_told_in_words(tmp_path: Path) -> None:
    client = FakeEngineClient(answers_adapters=False)

    async def work(chat: Chat) -> None:
        await _attach(chat, tmp_path)
        await chat.session.send("hello")

        await chat.until(lambda: chat.session.status_text == "Loading 1 adapter")
        assert chat.state is SessionState.QUEUED

    with_chat(tmp_path, work, client=client)


def test_running_reply_keeps_its_mix(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        adapter = await _attach(chat, tmp_path)
        await _ask(chat)
        await _set_mix(chat, AdapterMix())
        chat.client.reply("hi")
        await chat.idle()
        await _ask(chat, "again")

        assert chat.client.requests[0].adapters == (AdapterUse(adapter.adapter_id, 0.8),)
        assert chat.client.requests[1].adapters == ()

    with_chat(tmp_path, work)


def test_continued_reply_keeps_the_mix_it_began_with(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _attach(chat, tmp_path)
        await _ask(chat)
        chat.client.reply("hi", finish_reason=FinishReason.LENGTH)
        await chat.idle()
        await _set_mix(chat, AdapterMix())
        await continue_reply(chat.session)
        await chat.until(lambda: len(chat.client.requests) == 2)

        first, second = chat.client.requests
        assert second.adapters == first.adapters != ()

    with_chat(tmp_path, work)


def test_continued_reply_of_a_removed_adapter_is_refused(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        adapter = await _attach(chat, tmp_path)
        await _ask(chat)
        chat.client.reply("hi", finish_reason=FinishReason.LENGTH)
        await chat.idle()
        await chat.library.remove_adapter(adapter.adapter_id)
        await continue_reply(chat.session)
        await chat.idle()

        assert chat.last.content == "hi"
        assert chat.last.error is not None
        assert "terse" in chat.last.error.message

    with_chat(tmp_path, work)


def test_chat_focused_while_adapters_load_goes_first(tmp_path: Path) -> None:
    client = FakeEngineClient(answers_adapters=False)

    async def work(chat: Chat) -> None:
        adapter = await _attach(chat, tmp_path)
        await chat.session.send("hello")
        chat.session.set_focused(True)
        await chat.until(lambda: any(isinstance(c, LoadAdapter) for c in client.commands))
        client.emit(AdapterLoaded(AdapterInfo(adapter.adapter_id, "tiny", 2, 4.0, 512)))
        await chat.until(lambda: bool(client.requests))

        assert client.requests[0].priority is Priority.FOREGROUND

    with_chat(tmp_path, work, client=client)


def test_stop_while_adapters_load_ends_at_once(tmp_path: Path) -> None:
    client = FakeEngineClient(answers_adapters=False)

    async def work(chat: Chat) -> None:
        await _attach(chat, tmp_path)
        await chat.session.send("hello")
        await chat.session.stop()
        await chat.idle()

        assert chat.state is SessionState.IDLE
        assert chat.last.finish_reason is FinishReason.ABORT
        assert chat.client.requests == []

    with_chat(tmp_path, work, client=client)


def test_chat_closed_while_adapters_load_is_interrupted(tmp_path: Path) -> None:
    client = FakeEngineClient(answers_adapters=False)

    async def work(chat: Chat) -> None:
        await _attach(chat, tmp_path)
        await chat.session.send("hello")
        await chat.session.close()

        assert chat.last.state is MessageState.INTERRUPTED
        # The adapter may be on its way in, or out again; no reply was asked for.
        assert not any(isinstance(c, Generate) for c in client.commands)

    with_chat(tmp_path, work, client=client)


def test_removal_takes_the_adapter_from_open_chats_and_undo_brings_it_back(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        adapter = await _attach(chat, tmp_path)
        before = chat.session.workspace

        removed = await chat.library.remove_adapter(adapter.adapter_id)
        assert chat.session.workspace.adapters == AdapterMix()
        assert removed is not None
        await chat.library.restore_adapter(removed)

        assert chat.session.workspace == before
        assert (await chat.store.workspaces())[0] == before

    with_chat(tmp_path, work)


def test_removal_of_an_adapter_that_is_gone_does_nothing(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        adapter = await _attach(chat, tmp_path)
        await chat.library.remove_adapter(adapter.adapter_id)

        assert await chat.library.remove_adapter(adapter.adapter_id) is None

    with_chat(tmp_path, work)


def test_adapter_of_an_open_chat_is_loaded_before_its_first_reply(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await _attach(chat, tmp_path)

        await chat.until(lambda: any(isinstance(c, LoadAdapter) for c in chat.client.commands))

    with_chat(tmp_path, work)


def test_reply_waits_for_an_adapter_that_is_being_loaded(tmp_path: Path) -> None:
    client = FakeEngineClient(answers_adapters=False)

    async def work(chat: Chat) -> None:
        adapter = await _attach(chat, tmp_path)
        await chat.session.send("hello")
        await chat.until(lambda: any(isinstance(c, LoadAdapter) for c in client.commands))
        assert client.requests == []
        client.emit(AdapterLoaded(AdapterInfo(adapter.adapter_id, "tiny", 2, 4.0, 512)))

        await chat.until(lambda: bool(client.requests))

    with_chat(tmp_path, work, client=client)
