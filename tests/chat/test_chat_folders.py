"""Folders inside workspaces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.chat_folders import MAX_DEPTH
from realm_desktop.errors import StoreError
from realm_desktop.store.folders import FolderStore
from realm_desktop.store.records import GENERAL_WORKSPACE_ID as GENERAL
from realm_desktop.store.records import Folder, FolderId
from tests.support.chats import Chat, with_chat


async def _nested(chat: Chat, depth: int) -> list[Folder]:
    """Folders, each in the one before."""
    made: list[Folder] = []
    for number in range(depth):
        parent = made[-1].folder_id if made else None
        made.append(await chat.library.folders.new(GENERAL, f"level {number}", parent))
    return made


def test_new_folder_is_listed_and_stored(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        folder = await chat.library.folders.new(GENERAL, " Field season ")

        assert [f.name for f in chat.library.folders.folders] == ["Field season"]
        assert await FolderStore(chat.store.database).folders() == [folder]

    with_chat(tmp_path, work)


def test_folders_are_listed_by_name(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        for name in ("tides", "Buoys"):
            await chat.library.folders.new(GENERAL, name)

        assert [f.name for f in chat.library.folders.folders] == ["Buoys", "tides"]

    with_chat(tmp_path, work)


def test_renamed_folder_is_stored(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        (folder,) = await _nested(chat, 1)

        await chat.library.folders.rename(folder.folder_id, "Season 4")

        stored = await FolderStore(chat.store.database).folders()
        assert stored == [replace(folder, name="Season 4")]

    with_chat(tmp_path, work)


def test_deleted_folder_comes_back_with_what_lay_in_it(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        outer, inner = await _nested(chat, 2)
        folders = chat.library.folders

        deleted = await folders.delete(outer.folder_id)
        assert folders.folders == [inner]
        await folders.restore(deleted)

        assert folders.within(outer.folder_id) == {outer.folder_id, inner.folder_id}

    with_chat(tmp_path, work)


def test_folder_cannot_be_moved_into_itself(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        outer, inner = await _nested(chat, 2)

        with pytest.raises(StoreError, match="into itself"):
            await chat.library.folders.move(outer.folder_id, GENERAL, inner.folder_id)

    with_chat(tmp_path, work)


def test_folders_lie_only_so_deep(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        made = await _nested(chat, MAX_DEPTH)

        with pytest.raises(StoreError, match=f"at most {MAX_DEPTH}"):
            await chat.library.folders.new(GENERAL, "deeper", made[-1].folder_id)
        other = (await _nested(chat, 2))[0]
        with pytest.raises(StoreError, match="deep"):
            await chat.library.folders.move(other.folder_id, GENERAL, made[-2].folder_id)

    with_chat(tmp_path, work)


def test_circle_of_folders_in_a_damaged_file_does_no_harm(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        outer, inner = await _nested(chat, 2)
        circle = replace(outer, parent_id=inner.folder_id)
        await FolderStore(chat.store.database).save(circle)
        await chat.library.load()

        made = await chat.library.folders.new(GENERAL, "new", inner.folder_id)

        assert made.folder_id in chat.library.folders.within(outer.folder_id)

    with_chat(tmp_path, work)


def test_unknown_folder_is_a_sentence(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        with pytest.raises(StoreError, match="not there any more"):
            await chat.library.folders.rename(FolderId("gone"), "x")

    with_chat(tmp_path, work)
