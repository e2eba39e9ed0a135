"""What is stored and read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from realm_desktop.errors import StoreError
from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    ConversationId,
    Message,
    MessageId,
    MessageState,
    Workspace,
)
from tests.support.stores import make_conversation, make_message, make_reply, with_store

C1 = ConversationId("c1")


async def _fill(store: ConversationStore, *messages: Message) -> None:
    await store.save_conversation(make_conversation())
    for message in messages:
        await store.add_message(message)


def test_general_workspace_exists_from_the_start(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        (general,) = await store.workspaces()

        assert general.workspace_id == GENERAL_WORKSPACE_ID
        assert general.name == "General"

    with_store(tmp_path, work)


def test_workspaces_come_back_in_sidebar_order(tmp_path: Path) -> None:
    async def save(store: ConversationStore) -> None:
        for name, position in (("late", 9), ("early", 1)):
            await store.save_workspace(
                Workspace(
                    WorkspaceId(name), name, 1.0, 1.0, position, settings={"sampling.top_k": 7}
                )
            )

    with_store(tmp_path, save)
    workspaces = with_store(tmp_path, ConversationStore.workspaces)

    assert [workspace.name for workspace in workspaces] == ["General", "early", "late"]
    assert workspaces[1].settings == {"sampling.top_k": 7}


def test_model_of_a_workspace_comes_back(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        (general,) = await store.workspaces()
        await store.save_workspace(replace(general, model_path="/models/Größe 4\ud800.gguf"))

    with_store(tmp_path, work)

    (general,) = with_store(tmp_path, ConversationStore.workspaces)
    assert general.model_path == "/models/Größe 4\ufffd.gguf"


def test_saving_a_workspace_again_updates_it(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        (general,) = await store.workspaces()
        await store.save_workspace(replace(general, name="Mine", weight=3.0))

        (changed,) = await store.workspaces()
        assert (changed.name, changed.weight) == ("Mine", 3.0)

    with_store(tmp_path, work)


def test_messages_come_back_parents_first(tmp_path: Path) -> None:
    messages = [
        make_message("m1", None, "hi"),
        make_reply("m2", "m1", "yes"),
        make_message("m3", "m2"),
    ]

    with_store(tmp_path, lambda store: _fill(store, *messages))

    assert with_store(tmp_path, lambda store: store.messages(C1)) == messages


def test_added_message_becomes_the_leaf(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        await _fill(store, make_message("m1", created_s=500.0))

        (conversation,) = await store.conversations()
        assert conversation.leaf_id == "m1"
        assert conversation.updated_s == 500.0

    with_store(tmp_path, work)


def test_first_of_several_messages_becomes_the_leaf(tmp_path: Path) -> None:
    versions = (make_reply("m2", "m1"), make_reply("m3", "m1"))

    async def work(store: ConversationStore) -> None:
        await _fill(store, make_message("m1"))
        await store.add_messages(versions)

        (conversation,) = await store.conversations()
        assert conversation.leaf_id == "m2"
        assert tuple(await store.messages(C1))[1:] == versions

    with_store(tmp_path, work)


def test_several_messages_are_saved_together_or_not_at_all(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        await _fill(store, make_message("m1"))
        with pytest.raises(StoreError):
            await store.add_messages((make_reply("m2", "m1"), make_reply("m2", "m1")))

        assert [message.message_id for message in await store.messages(C1)] == ["m1"]

    with_store(tmp_path, work)


def test_message_and_title_are_saved_together_or_not_at_all(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        await _fill(store, make_message("m1"))
        with pytest.raises(StoreError):
            await store.add_message(make_message("m1"), make_conversation(title="new"))

        (conversation,) = await store.conversations()
        assert conversation.title == ""

    with_store(tmp_path, work)


def test_message_of_an_unknown_parent_is_refused(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        with pytest.raises(StoreError):
            await _fill(store, make_message("m1", "nobody"))

        assert await store.messages(C1) == []

    with_store(tmp_path, work)


def test_updated_message_keeps_its_place_and_leaves_the_journal(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        streaming = make_reply("m1", state=MessageState.STREAMING)
        await _fill(store, streaming, make_message("m2", "m1"))
        await store.journal_reply(MessageId("m1"), "half", [1])
        finished = replace(streaming, content="whole", state=MessageState.COMPLETE)
        await store.update_message(finished, [1, 2])

        assert (await store.messages(C1))[0] == finished
        assert await store.token_ids(MessageId("m1")) == (1, 2)

    with_store(tmp_path, work)
    assert with_store(tmp_path, lambda store: store.messages(C1))[0].content == "whole"


def test_update_without_token_ids_keeps_those_stored(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        reply = make_reply("m1")
        await _fill(store, reply)
        await store.update_message(reply, [5, 6])
        await store.update_message(replace(reply, content="x"))

        assert await store.token_ids(MessageId("m1")) == (5, 6)
        assert await store.token_ids(MessageId("nobody")) == ()

    with_store(tmp_path, work)


def test_columns_of_a_newer_version_keep_their_values(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        await _fill(store)
        await store.database.run(
            lambda db: db.execute(
                "ALTER TABLE conversations ADD COLUMN colour TEXT; UPDATE conversations SET colour = 'red'"
            )
        )
        await store.save_conversation(make_conversation(title="new"))

        colour = await store.database.run(
            lambda db: db.execute("SELECT colour FROM conversations").get
        )
        assert colour == "red"

    with_store(tmp_path, work)


def test_odd_values_in_columns_do_not_hide_a_conversation(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        await _fill(store, make_message("m1", None, "kept"))
        await store.database.run(
            lambda db: db.execute(
                "UPDATE conversations SET queued_texts = 'no json', created_s = 'yesterday';"
                "UPDATE messages SET role = 'robot', stats = '{', state = 'gone'"
            )
        )

        assert [c.queued_texts for c in await store.conversations()] == [()]
        assert [m.content for m in await store.messages(C1)] == ["kept"]

    with_store(tmp_path, work)


def test_nul_and_lone_surrogates_are_stored_as_visible_characters(tmp_path: Path) -> None:
    with_store(tmp_path, lambda store: _fill(store, make_message("m1", None, "a\0b\ud800c")))

    (message,) = with_store(tmp_path, lambda store: store.messages(C1))
    assert message.content == "a\u2400b\ufffdc"


def test_deleted_workspace_sends_its_conversations_to_the_trash(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        workspace = Workspace(WorkspaceId("w"), "W", 1.0, 1.0)
        await store.save_workspace(workspace)
        await store.save_conversation(make_conversation("c2", workspace_id=workspace.workspace_id))
        await store.delete_workspace(workspace.workspace_id)

        (conversation,) = await store.conversations()
        assert conversation.workspace_id == GENERAL_WORKSPACE_ID
        assert conversation.deleted_s is not None
        assert len(await store.workspaces()) == 1

    with_store(tmp_path, work)


def test_general_workspace_cannot_be_deleted(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        with pytest.raises(StoreError, match="General"):
            await store.delete_workspace(GENERAL_WORKSPACE_ID)

    with_store(tmp_path, work)


def test_trash_is_emptied_after_thirty_days(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        late = ConversationStore(store.database, lambda: 31 * 86400.0)
        await _fill(store, make_message("m1", None, "old"))
        await store.save_conversation(make_conversation(deleted_s=10.0))
        await store.save_conversation(make_conversation("c2", deleted_s=5 * 86400.0))
        await store.save_conversation(make_conversation("c3"))

        assert await late.purge_trash() == 1
        assert {c.conversation_id for c in await store.conversations()} == {"c2", "c3"}
        assert await store.messages(C1) == []

    with_store(tmp_path, work)


def test_failed_change_leaves_everything_as_it_was(tmp_path: Path) -> None:
    def half(connection: apsw.Connection) -> None:
        connection.execute("DELETE FROM messages")
        raise apsw.FullError("database or disk is full")

    async def work(store: ConversationStore) -> None:
        await _fill(store, make_message("m1"))
        with pytest.raises(StoreError, match="disk is full") as caught:
            await store.database.run(half)

        assert "space" in caught.value.advice
        assert len(await store.messages(C1)) == 1

    with_store(tmp_path, work)


def test_workspace_weight_outside_its_range_is_refused() -> None:
    for weight in (0.0, -1.0, 1001.0, float("nan")):
        with pytest.raises(StoreError, match="weight"):
            Workspace(WorkspaceId("w"), "W", 1.0, 1.0, weight=weight)


def test_star_is_kept_and_changes_nothing_else(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> list[Message]:
        await _fill(store, make_message("m1"), make_reply("m2", "m1"))
        await store.set_starred(MessageId("m2"), is_starred=True)
        starred = await store.messages(C1)
        await store.set_starred(MessageId("m2"), is_starred=False)
        assert await store.messages(C1) == [make_message("m1"), make_reply("m2", "m1")]
        return starred

    first, second = with_store(tmp_path, work)

    assert (first.is_starred, second.is_starred) == (False, True)
    assert replace(second, is_starred=False) == make_reply("m2", "m1")


def test_messages_of_a_workspace_leave_out_trash_and_others(tmp_path: Path) -> None:
    other = WorkspaceId("other")

    async def work(store: ConversationStore) -> list[Message]:
        await store.save_workspace(Workspace(other, "Other", 1.0, 1.0))
        await _fill(store, make_message("m1"))
        for name, fields in (("c2", {"workspace_id": other}), ("c3", {"deleted_s": 9.0})):
            conversation = replace(make_conversation(name), **fields)
            await store.save_conversation(conversation)
            message = replace(make_message(f"{name}m"), conversation_id=ConversationId(name))
            await store.add_message(message)
        return await store.messages_of_workspace(GENERAL_WORKSPACE_ID)

    assert [message.message_id for message in with_store(tmp_path, work)] == ["m1"]
