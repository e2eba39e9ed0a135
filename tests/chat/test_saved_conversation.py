"""A conversation's record: stored before it changes, in the order the changes were asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.saved_conversation import SavedConversation
from realm_desktop.errors import StoreError
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Conversation, MessageId, UserTurn
from tests.support.stores import make_conversation, make_message, make_reply, with_store


def _nothing() -> None:
    """A listener that does not care."""


async def _saved(store: ConversationStore, record: Conversation) -> SavedConversation:
    await store.save_conversation(record)
    return SavedConversation(store, record, _nothing)


def test_first_user_message_names_the_conversation(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        saved = await _saved(store, make_conversation())
        async with saved.lock:
            await saved.add_locked(make_message("m1", content="Tide gauges of the north"))
            await saved.add_locked(make_message("m2", parent_id="m1", content="Another"))

        assert saved.record.title == "Tide gauges of the north"
        assert saved.record.leaf_id == "m2"
        assert await store.conversations() == [saved.record]

    with_store(tmp_path, work)


def test_changes_at_once_are_all_kept(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        saved = await _saved(store, make_conversation())
        edits = [saved.set_unsent_text("typed"), saved.change(lambda old: replace(old, title="T"))]
        await asyncio.gather(*edits)

        assert (saved.record.title, saved.record.unsent_text) == ("T", "typed")
        assert await store.conversations() == [saved.record]

    with_store(tmp_path, work)


def test_change_that_cannot_be_stored_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(record: Conversation) -> None:
        raise StoreError("the disk is full")

    async def work(store: ConversationStore) -> None:
        saved = await _saved(store, make_conversation(title="Old"))
        monkeypatch.setattr(store, "save_conversation", refuse)
        with pytest.raises(StoreError, match="disk is full"):
            await saved.change(lambda old: replace(old, title="New"))

        assert saved.record.title == "Old"

    with_store(tmp_path, work)


def test_texts_queued_by_an_earlier_run_return_to_the_composer(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        record = make_conversation(queued_texts=("one", "two"), unsent_text="three")
        saved = await _saved(store, record)
        await saved.load()

        assert saved.record.queued_texts == ()
        assert saved.record.unsent_text == "one\n\ntwo\n\nthree"

    with_store(tmp_path, work)


def test_queued_text_that_is_gone_is_not_taken_back(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        saved = await _saved(store, make_conversation(queued_texts=("one",)))

        assert await saved.remove_queued(1) == UserTurn()
        assert await saved.remove_queued(0) == UserTurn("one")
        assert saved.record.queued_texts == ()

    with_store(tmp_path, work)


def test_first_versions_show_the_first_of_them(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        saved = await _saved(store, make_conversation())
        async with saved.lock:
            await saved.add_locked(make_message("u"))
            await saved.add_versions_locked([make_reply("a", "u"), make_reply("b", "u")])

        assert (saved.record.leaf_id, saved.transcript.leaf_id) == ("a", "a")
        assert await store.conversations() == [saved.record]

    with_store(tmp_path, work)


def test_later_versions_leave_the_shown_one(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        saved = await _saved(store, make_conversation())
        async with saved.lock:
            await saved.add_locked(make_message("u"))
            await saved.add_locked(make_reply("a", "u"))
            await saved.add_versions_locked([make_reply("b", "u"), make_reply("c", "u")])

        assert (saved.record.leaf_id, saved.transcript.leaf_id) == ("a", "a")
        assert len(saved.transcript.versions(saved.transcript.messages[0].message_id)) == 3

    with_store(tmp_path, work)


def test_versions_that_cannot_be_saved_are_not_shown(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        saved = await _saved(store, make_conversation())
        async with saved.lock:
            await saved.add_locked(make_message("u"))
            with pytest.raises(StoreError):
                await saved.add_versions_locked([make_reply("a", "u"), make_reply("a", "u")])

        assert (saved.record.leaf_id, saved.transcript.leaf_id) == ("u", "u")

    with_store(tmp_path, work)


def test_chosen_branch_is_shown_and_kept(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        saved = await _saved(store, make_conversation())
        async with saved.lock:
            await saved.add_locked(make_message("u1"))
            await saved.add_locked(make_message("u2"))

        await saved.show_branch(MessageId("u1"))

        assert (saved.transcript.leaf_id, saved.record.leaf_id) == ("u1", "u1")
        assert await store.conversations() == [saved.record]

    with_store(tmp_path, work)


def test_star_is_shown_once_it_is_stored(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        saved = await _saved(store, make_conversation())
        async with saved.lock:
            await saved.add_locked(make_message("m1"))
        await saved.set_starred(MessageId("m1"), is_starred=True)

        assert saved.transcript.get(MessageId("m1")).is_starred
        assert (await store.messages(saved.record.conversation_id))[0].is_starred

    with_store(tmp_path, work)
