"""Workspaces, conversations and the chats that are open."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.errors import StoreError
from realm_desktop.events import EngineRestarted
from realm_desktop.protocol import SetWorkspaceWeight, WorkspaceId
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    ConversationId,
    MessageState,
    Workspace,
)
from tests.support.chats import Chat, with_chat
from tests.support.stores import make_conversation


def _id(chat: Chat) -> ConversationId:
    return chat.session.conversation.conversation_id


def _listed(chat: Chat) -> Conversation:
    """The conversation as the sidebar has it."""
    found = [c for c in chat.library.conversations if c.conversation_id == _id(chat)]
    return found[0]


async def _stored(chat: Chat) -> Conversation:
    found = [c for c in await chat.store.conversations() if c.conversation_id == _id(chat)]
    return found[0]


def test_new_conversation_is_listed_stored_and_open(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        assert _listed(chat) == await _stored(chat)
        assert chat.library.sessions == {_id(chat): chat.session}
        assert chat.session.workspace.workspace_id == GENERAL_WORKSPACE_ID

    with_chat(tmp_path, work)


def test_opening_twice_gives_the_same_chat(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        first, second = await asyncio.gather(
            chat.library.open(_id(chat)), chat.library.open(_id(chat))
        )

        assert first is second is chat.session

    with_chat(tmp_path, work)


def test_unknown_conversation_is_a_sentence(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        with pytest.raises(StoreError, match="not there any more"):
            await chat.library.open(ConversationId("nobody"))

    with_chat(tmp_path, work)


def _with_prompt(workspace: Workspace, prompt: str) -> Workspace:
    return replace(workspace, settings={"system.prompt": prompt})


def test_conversation_in_a_workspace_uses_its_system_prompt(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        workspace = await chat.library.new_workspace(" Research ")
        await chat.library.update_workspace(_with_prompt(workspace, "Be brief"))
        session = await chat.library.new_conversation(workspace.workspace_id)
        await session.send("hello")

        assert workspace.name == "Research"
        assert chat.client.requests[0].messages[0].content == "Be brief"
        assert chat.client.requests[0].workspace_id == workspace.workspace_id

    with_chat(tmp_path, work)


def test_changed_workspace_counts_from_the_next_request_on(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        general = chat.library.workspaces[0]
        await chat.library.update_workspace(replace(_with_prompt(general, "Rhyme"), weight=2.5))
        await chat.session.send("hello")

        assert chat.client.requests[0].messages[0].content == "Rhyme"
        assert SetWorkspaceWeight(GENERAL_WORKSPACE_ID, 2.5) in chat.client.commands
        assert (await chat.store.workspaces())[0].settings == {"system.prompt": "Rhyme"}

    with_chat(tmp_path, work)


def test_new_engine_process_is_told_the_weights_again(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        chat.client.commands.clear()
        chat.client.emit(EngineRestarted("killed", 0, 1))

        assert SetWorkspaceWeight(GENERAL_WORKSPACE_ID, 1.0) in chat.client.commands

    with_chat(tmp_path, work)


def test_new_workspaces_go_to_the_end(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.library.new_workspace("A")
        await chat.library.new_workspace("B")

        assert [workspace.name for workspace in chat.library.workspaces] == ["General", "A", "B"]

    with_chat(tmp_path, work)


@pytest.mark.parametrize("is_open", [True, False])
def test_rename_pin_trash_and_restore_reach_list_and_disk(tmp_path: Path, is_open: bool) -> None:
    async def work(chat: Chat) -> None:
        if not is_open:
            await chat.library.release(_id(chat))
        await chat.library.rename(_id(chat), " Foxes ")
        await chat.library.change(_id(chat), lambda old: replace(old, is_pinned=True))
        await chat.library.shelf.trash(_id(chat))
        assert _listed(chat).deleted_s is not None
        assert _listed(chat) == await _stored(chat)
        await chat.library.shelf.restore(_id(chat))

        assert _listed(chat) == await _stored(chat)
        assert (_listed(chat).title, _listed(chat).is_pinned) == ("Foxes", True)
        assert _listed(chat).deleted_s is None

    with_chat(tmp_path, work)


def test_trash_stops_the_running_reply(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        await chat.library.shelf.trash(_id(chat))
        await chat.idle()

        assert not chat.client.is_open(chat.request_id)
        assert (await _stored(chat)).deleted_s is not None

    with_chat(tmp_path, work)


def test_moved_conversation_uses_the_other_workspace(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        workspace = await chat.library.new_workspace("Research")
        await chat.library.move(_id(chat), workspace.workspace_id)

        assert chat.session.workspace == workspace
        assert (await _stored(chat)).workspace_id == workspace.workspace_id
        with pytest.raises(StoreError, match="workspace"):
            await chat.library.move(_id(chat), WorkspaceId("nobody"))

    with_chat(tmp_path, work)


def test_deleted_workspace_closes_its_chats_and_trashes_them(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        workspace = await chat.library.new_workspace("Research")
        session = await chat.library.new_conversation(workspace.workspace_id)
        await session.send("hello")
        await chat.library.delete_workspace(workspace.workspace_id)

        moved_id = session.conversation.conversation_id
        moved = {c.conversation_id: c for c in chat.library.conversations}[moved_id]
        assert moved.deleted_s is not None
        assert moved.workspace_id == GENERAL_WORKSPACE_ID
        assert moved_id not in chat.library.sessions
        assert len(chat.library.workspaces) == 1

    with_chat(tmp_path, work)


def test_released_chat_is_closed_at_once_when_idle(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.library.release(_id(chat))
        await chat.library.release(_id(chat))

        assert chat.library.sessions == {}

    with_chat(tmp_path, work)


def test_released_chat_generates_to_its_end_and_is_closed_then(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        chat.session.set_focused(True)
        await chat.session.send("hello")
        await chat.library.release(_id(chat))
        assert _id(chat) in chat.library.sessions
        chat.client.reply("to the end")
        await chat.until(lambda: not chat.library.sessions)

        assert (await chat.stored())[1].content == "to the end"
        assert (await chat.stored())[1].state is MessageState.COMPLETE
        assert _listed(chat).is_unseen

    with_chat(tmp_path, work)


def test_chat_opened_again_while_it_generates_stays_open(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hello")
        await chat.library.release(_id(chat))
        assert await chat.library.open(_id(chat)) is chat.session
        chat.client.reply("done")
        await chat.idle()

        assert _id(chat) in chat.library.sessions

    with_chat(tmp_path, work)


def test_latest_activity_comes_first(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        later = await chat.library.new_conversation()
        await chat.exchange("hello", "hi")

        ids = [conversation.conversation_id for conversation in chat.library.conversations]
        assert ids == [_id(chat), later.conversation.conversation_id]

    with_chat(tmp_path, work)


def test_titles_and_contents_are_searched(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("Tell me of foxes", "they are red")

        assert await chat.library.search.titles("foxes") == [_id(chat)]
        (hit,) = await chat.library.search.contents("they red")
        assert hit.message_id == chat.last.message_id

    with_chat(tmp_path, work)


def test_close_stores_every_running_reply(tmp_path: Path) -> None:
    ids: list[ConversationId] = []

    async def start(chat: Chat) -> None:
        for number in range(4):
            session = await chat.library.new_conversation()
            ids.append(session.conversation.conversation_id)
            await session.send(f"question {number}")
            chat.stream(f"partial {number}", number)
            await asyncio.sleep(0)
        await chat.library.close()

    async def check(chat: Chat) -> None:
        for number, key in enumerate(ids):
            session = await chat.library.open(key)
            reply = session.transcript.messages[-1]
            assert (reply.content, reply.state) == (f"partial {number}", MessageState.INTERRUPTED)

    with_chat(tmp_path, start)
    with_chat(tmp_path, check)


def test_conversation_of_a_lost_workspace_opens_in_general(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        odd = make_conversation("odd", workspace_id=WorkspaceId("lost"))
        chat.library._conversations[odd.conversation_id] = odd
        session = await chat.library.open(odd.conversation_id)

        assert session.workspace.workspace_id == GENERAL_WORKSPACE_ID

    with_chat(tmp_path, work)


def test_listeners_hear_of_states_until_they_leave(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        calls: list[None] = []
        unsubscribe = chat.library.subscribe(lambda: calls.append(None))
        await chat.session.send("hello")
        assert calls
        unsubscribe()
        unsubscribe()
        calls.clear()
        await chat.session.stop()

        assert calls == []

    with_chat(tmp_path, work)


def test_text_saved_while_a_chat_closes_is_there_when_it_opens(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        saving = asyncio.create_task(chat.session.saved.set_unsent_text("not sent yet"))
        await asyncio.sleep(0)
        await chat.library.release(_id(chat))
        await saving

        session = await chat.library.open(_id(chat))

        assert session.conversation.unsent_text == "not sent yet"
        assert _listed(chat).unsent_text == "not sent yet"

    with_chat(tmp_path, work)
