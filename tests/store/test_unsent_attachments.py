"""Files in the composer, on disk."""

from __future__ import annotations

from pathlib import Path

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Attachment, ConversationId
from realm_desktop.store.unsent_attachments import save_unsent_attachments, unsent_attachments
from tests.support.stores import make_conversation, with_store

FILES = (Attachment("a.py", "print(1)\n"), Attachment("b\ud800.txt", "nul\0 \ud800"))
ID = ConversationId("c1")


async def _read(store: ConversationStore) -> tuple[Attachment, ...]:
    return await unsent_attachments(store.database, ID)


async def _save(store: ConversationStore, *files: Attachment) -> None:
    await save_unsent_attachments(store.database, ID, files)


def test_files_come_back_in_order_and_cleaned(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> tuple[Attachment, ...]:
        await store.save_conversation(make_conversation())
        await _save(store, *FILES)
        return await _read(store)

    first, second = with_store(tmp_path, work)
    assert first == FILES[0]
    assert second == Attachment("b\ufffd.txt", "nul\u2400 \ufffd")


def test_none_is_the_same_as_never_any(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> tuple[Attachment, ...]:
        await store.save_conversation(make_conversation())
        await _save(store, *FILES)
        await _save(store)
        return await _read(store)

    assert with_store(tmp_path, work) == ()


def test_saving_a_conversation_keeps_its_files(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> tuple[Attachment, ...]:
        await store.save_conversation(make_conversation())
        await _save(store, FILES[0])
        await store.save_conversation(make_conversation(title="renamed"))
        return await _read(store)

    assert with_store(tmp_path, work) == FILES[:1]


def test_files_go_with_their_conversation(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> tuple[Attachment, ...]:
        await store.save_conversation(make_conversation(deleted_s=1.0))
        await _save(store, FILES[0])
        await store.delete_deleted(ID)
        await _save(store, FILES[0])
        return await _read(store)

    assert with_store(tmp_path, work) == ()


def test_files_that_cannot_be_read_cost_only_themselves(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> tuple[Attachment, ...]:
        await store.save_conversation(make_conversation())
        await _save(store, FILES[0])
        await store.database.run(
            lambda db: db.execute("UPDATE unsent_attachments SET attachments = '[7'")
        )
        return await _read(store)

    assert with_store(tmp_path, work) == ()
