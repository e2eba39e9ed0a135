"""Chats that leave as JSON and come back are the same to the last field."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.exchange.archive_format import conversation_values
from realm_desktop.exchange.archive_reader import read_conversation
from realm_desktop.exchange.archive_writer import write_archive
from realm_desktop.exchange.chat_import import ChatImport, ImportReport, undo_import
from realm_desktop.formats.strict_json import loads
from realm_desktop.protocol import AdapterId
from realm_desktop.store.notes import workspace_owner
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    ConversationId,
    MessageState,
)
from realm_desktop.store.trees import Tree, add_tree, read_tree
from tests.support.exchanges import loaded_library, trees
from tests.support.stores import make_conversation, make_message, make_reply, open_store


@given(trees())
@settings(max_examples=25, deadline=None)
def test_every_field_survives_the_text(tree: Tree) -> None:
    text = msgspec.json.encode(conversation_values(tree))

    found = read_conversation(loads(text), 1)

    assert found.tree == tree
    assert not found.notes


@given(trees())
@settings(max_examples=4, deadline=None)
def test_stored_chat_survives_file_and_store(tree: Tree) -> None:
    with tempfile.TemporaryDirectory() as folder:
        back = asyncio.run(_there_and_back(Path(folder), tree))

    assert back == tree


async def _there_and_back(folder: Path, tree: Tree) -> Tree:
    async with open_store(folder / "old") as store:
        stored = await add_tree(store.database, tree)
        library = await loaded_library(store)
        await write_archive(library, store.database, folder / "f.json", [stored.conversation])
        await library.close()
    async with open_store(folder / "new") as store:
        library = await loaded_library(store)
        await ChatImport(library, store, folder / "f.json").run()
        await library.close()
        return await read_tree(store.database, library.conversations[0])


async def _exported(folder: Path, chats: list[Conversation]) -> Path:
    """A file of chats with two messages each, from a store of its own."""
    async with open_store(folder / "source") as store:
        for chat in chats:
            await store.save_conversation(chat)
            question, answer = f"{chat.conversation_id}-q", f"{chat.conversation_id}-a"
            key = chat.conversation_id
            await store.add_message(make_message(question, None, "Why?", conversation_id=key))
            await store.add_message(make_reply(answer, question, "So.", conversation_id=key))
        library = await loaded_library(store)
        path = folder / "chats.json"
        await write_archive(library, store.database, path, library.conversations)
        await library.close()
    return path


async def _imported(folder: Path, path: Path, times: int = 1) -> list[ImportReport]:
    async with open_store(folder / "target") as store:
        library = await loaded_library(store)
        reports = [await ChatImport(library, store, path).run() for _ in range(times)]
        await library.close()
    return reports


def test_second_import_gets_ids_of_its_own(tmp_path: Path) -> None:
    async def work() -> list[ImportReport]:
        path = await _exported(tmp_path, [make_conversation("c1", "Tides")])
        return await _imported(tmp_path, path, times=2)

    first, second = asyncio.run(work())

    assert list(first.conversations) == ["c1"]
    assert list(second.conversations) != ["c1"]
    assert second.num_messages == 2


def test_undo_removes_what_was_imported_and_not_touched(tmp_path: Path) -> None:
    async def work() -> list[ConversationId]:
        path = await _exported(tmp_path, [make_conversation("c1"), make_conversation("c2")])
        async with open_store(tmp_path / "target") as store:
            library = await loaded_library(store)
            report = await ChatImport(library, store, path).run()
            await library.open(ConversationId("c2"))
            await undo_import(library, store, report)
            left = [chat.conversation_id for chat in library.conversations]
            await library.close()
            return left

    assert asyncio.run(work()) == ["c2"]


def test_workspace_comes_along_without_adapters_that_are_not_here(tmp_path: Path) -> None:
    async def work() -> tuple[ImportReport, AdapterMix, str | None]:
        async with open_store(tmp_path / "old") as store:
            library = await loaded_library(store)
            workspace = await library.new_workspace("Sea")
            mix = AdapterMix((MixEntry(AdapterId("a1"), 0.5),))
            await library.update_workspace(replace(workspace, adapters=mix))
            outer = await library.folders.new(workspace.workspace_id, "Z outer")
            inner = await library.folders.new(workspace.workspace_id, "A inner", outer.folder_id)
            chat = make_conversation("c1", "", workspace.workspace_id, folder_id=inner.folder_id)
            await store.save_conversation(chat)
            await write_archive(library, store.database, tmp_path / "f.json", [chat])
            await library.close()
        async with open_store(tmp_path / "new") as store:
            library = await loaded_library(store)
            report = await ChatImport(library, store, tmp_path / "f.json").run()
            found = next(f for f in library.folders.folders if f.name == "A inner")
            await library.close()
            assert library.conversations[0].folder_id == found.folder_id
            return report, library.workspaces[-1].adapters, found.parent_id

    report, mix, parent_id = asyncio.run(work())

    assert mix == AdapterMix()
    assert report.remarks == ["adapters of the workspace Sea that are not on this machine: 1"]
    assert parent_id is not None


def test_model_of_a_workspace_comes_along(tmp_path: Path) -> None:
    async def work() -> str:
        async with open_store(tmp_path / "old") as store:
            library = await loaded_library(store)
            workspace = await library.new_workspace("Sea")
            await library.update_workspace(replace(workspace, model_path="/m/Größe.gguf"))
            chat = make_conversation("c1", "", workspace.workspace_id)
            await store.save_conversation(chat)
            await write_archive(library, store.database, tmp_path / "f.json", [chat])
            await library.close()
        async with open_store(tmp_path / "new") as store:
            library = await loaded_library(store)
            await ChatImport(library, store, tmp_path / "f.json").run()
            await library.load()
            await library.close()
            return library.workspaces[-1].model_path

    assert asyncio.run(work()) == "/m/Größe.gguf"


def test_notes_of_a_workspace_come_along_but_replace_none(tmp_path: Path) -> None:
    async def work() -> list[str]:
        async with open_store(tmp_path / "old") as store:
            library = await loaded_library(store)
            workspace = await library.new_workspace("Sea")
            for key, text in ((workspace.workspace_id, "tides"), (GENERAL_WORKSPACE_ID, "theirs")):
                await library.shelf.notes.save(workspace_owner(key), text)
            chats = [
                make_conversation("c1", "", workspace.workspace_id),
                make_conversation("c2", ""),
            ]
            await write_archive(library, store.database, tmp_path / "f.json", chats)
            await library.close()
        async with open_store(tmp_path / "new") as store:
            library = await loaded_library(store)
            notes, keys = library.shelf.notes, (workspace.workspace_id, GENERAL_WORKSPACE_ID)
            await notes.save(workspace_owner(GENERAL_WORKSPACE_ID), "ours")
            report = await ChatImport(library, store, tmp_path / "f.json").run()
            await library.close()
            return [*report.remarks, *[await notes.read(workspace_owner(key)) for key in keys]]

    assert asyncio.run(work()) == ["tides", "ours"]


@pytest.mark.parametrize("owner", ["workspaces", "conversations"])
def test_notes_that_are_no_text_are_refused(tmp_path: Path, owner: str) -> None:
    async def work() -> list[str]:
        path = await _exported(tmp_path, [make_conversation("c1")])
        document = msgspec.json.decode(path.read_bytes())
        document[owner][0]["notes"] = 7
        path.write_bytes(msgspec.json.encode(document))
        (report,) = await _imported(tmp_path, path)
        return report.remarks

    (remark,) = asyncio.run(work())
    assert remark.endswith("notes: they are no text")


def test_open_reply_leaves_with_its_journal(tmp_path: Path) -> None:
    async def work() -> Tree:
        async with open_store(tmp_path) as store:
            await store.save_conversation(make_conversation())
            await store.add_message(make_reply("r1", None, "", state=MessageState.STREAMING))
            await store.journal_reply(make_reply("r1").message_id, "So far", (4, 5))
            return await read_tree(store.database, make_conversation())

    (stored,) = asyncio.run(work()).messages

    assert (stored.message.content, stored.token_ids) == ("So far", (4, 5))
    assert stored.message.state is MessageState.INTERRUPTED


def test_broken_chat_is_left_out_whole_and_the_others_come(tmp_path: Path) -> None:
    async def work() -> list[ImportReport]:
        path = await _exported(tmp_path, [make_conversation("c1"), make_conversation("c2")])
        values = msgspec.json.decode(path.read_bytes())
        values["conversations"][0]["messages"][1]["parent_id"] = "elsewhere"
        path.write_bytes(msgspec.json.encode(values))
        return await _imported(tmp_path, path)

    (report,) = asyncio.run(work())

    assert len(report.conversations) == 1
    assert "conversation 1" in report.remarks[0]


def test_what_stood_before_the_damage_is_taken_in(tmp_path: Path) -> None:
    async def work() -> list[ImportReport]:
        path = await _exported(tmp_path, [make_conversation("c1"), make_conversation("c2")])
        path.write_bytes(path.read_bytes()[:-120])
        return await _imported(tmp_path, path)

    (report,) = asyncio.run(work())

    assert len(report.conversations) == 1
    assert "from character" in report.remarks[0]


def test_cancelled_import_keeps_whole_chats_only(tmp_path: Path) -> None:
    async def work() -> ImportReport:
        path = await _exported(tmp_path, [make_conversation(f"c{n}") for n in range(4)])
        async with open_store(tmp_path / "target") as store:
            library = await loaded_library(store)
            task = ChatImport(library, store, path)
            task._on_progress = lambda done, _all: task.cancel() if done else None
            report = await task.run()
            await library.close()
            return report

    report = asyncio.run(work())

    assert report.is_cancelled
    assert report.num_messages == 2 * len(report.conversations) < 8
