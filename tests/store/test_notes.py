"""Notes of chats and workspaces, on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.notes import NotesOwner, NotesStore, chat_owner, workspace_owner
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, ConversationId, Workspace
from tests.support.stores import make_conversation, with_store

ID = ConversationId("c1")
CHAT = chat_owner(ID)
GENERAL = workspace_owner(GENERAL_WORKSPACE_ID)


@pytest.mark.parametrize("owner", [CHAT, GENERAL])
def test_notes_come_back_cleaned_after_a_restart(tmp_path: Path, owner: NotesOwner) -> None:
    async def write(store: ConversationStore) -> None:
        await store.save_conversation(make_conversation())
        await NotesStore(store.database).save(owner, "first")
        await NotesStore(store.database).save(owner, "- [ ] Größe \ud800\n\0")

    async def read(store: ConversationStore) -> str:
        return await NotesStore(store.database).read(owner)

    with_store(tmp_path, write)
    assert with_store(tmp_path, read) == "- [ ] Größe \ufffd\n\u2400"


def test_chat_and_workspace_of_one_id_have_notes_of_their_own(tmp_path: Path) -> None:
    same = ConversationId(GENERAL_WORKSPACE_ID)

    async def work(store: ConversationStore) -> list[str]:
        notes = NotesStore(store.database)
        await store.save_conversation(make_conversation(same))
        await notes.save(chat_owner(same), "chat")
        return [await notes.read(owner) for owner in (chat_owner(same), GENERAL)]

    assert with_store(tmp_path, work) == ["chat", ""]


def test_saving_a_chat_or_workspace_keeps_its_notes(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> list[str]:
        notes = NotesStore(store.database)
        await store.save_conversation(make_conversation())
        for owner in (CHAT, GENERAL):
            await notes.save(owner, owner.kind)
        await store.save_conversation(make_conversation(title="renamed", deleted_s=5.0))
        (general,) = await store.workspaces()
        await store.save_workspace(general)
        return [await notes.read(owner) for owner in (CHAT, GENERAL)]

    assert with_store(tmp_path, work) == ["conversation", "workspace"]


def test_notes_go_for_good_with_their_owner(tmp_path: Path) -> None:
    home = WorkspaceId("w1")

    async def work(store: ConversationStore) -> list[str]:
        notes = NotesStore(store.database)
        await store.save_workspace(Workspace(home, "Sea", 1.0, 1.0))
        await store.save_conversation(make_conversation("c1", "", home))
        for owner in (CHAT, workspace_owner(home)):
            await notes.save(owner, "gone soon")
        await store.delete_workspace(home)
        in_trash = await notes.read(CHAT)
        await store.delete_deleted(ID)
        # Somebody who typed while the owner went is not told of an error.
        for owner in (CHAT, workspace_owner(home)):
            await notes.save(owner, "too late")
        return [in_trash, *[await notes.read(owner) for owner in (CHAT, workspace_owner(home))]]

    assert with_store(tmp_path, work) == ["gone soon", "", ""]


def test_chats_with_notes_are_known(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> list[set[str]]:
        notes = NotesStore(store.database)
        for key in ("c1", "c2"):
            await store.save_conversation(make_conversation(key))
            await notes.save(chat_owner(ConversationId(key)), "noted")
        await notes.save(chat_owner(ConversationId("c2")), "")
        await notes.save(GENERAL, "of a workspace")
        again = NotesStore(store.database)
        await again.load()
        return [notes.noted_chats, again.noted_chats]

    assert with_store(tmp_path, work) == [{"c1"}, {"c1"}]


def test_text_that_is_no_utf8_costs_only_its_bad_bytes(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> str:
        await store.save_conversation(make_conversation())
        await store.database.run(
            lambda connection: connection.execute(
                "INSERT INTO conversation_notes VALUES ('c1', CAST(x'66ff6f' AS TEXT))"
            )
        )
        return await NotesStore(store.database).read(CHAT)

    assert with_store(tmp_path, work) == "f\ufffdo"
