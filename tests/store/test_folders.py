"""Folders on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import apsw

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.folders import FolderStore
from realm_desktop.store.migrations import MIGRATIONS, migrate
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Folder,
    FolderId,
    WorkspacePriority,
    new_folder_id,
    new_workspace_id,
)
from tests.support.stores import make_conversation, with_store

F1 = Folder(FolderId("f1"), GENERAL_WORKSPACE_ID, "Field season", 1.0)
F2 = Folder(FolderId("f2"), GENERAL_WORKSPACE_ID, "Buoys", 2.0, F1.folder_id)


def test_folders_come_back_as_they_were_saved(tmp_path: Path) -> None:
    async def save(store: ConversationStore) -> None:
        await FolderStore(store.database).save(F2, F1)

    async def read(store: ConversationStore) -> list[Folder]:
        return await FolderStore(store.database).folders()

    with_store(tmp_path, save)

    assert with_store(tmp_path, read) == [F1, F2]


def test_saving_a_folder_again_renames_it(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        folders = FolderStore(store.database)
        await folders.save(F1)
        await folders.save(replace(F1, name="Season 4"))

        assert [folder.name for folder in await folders.folders()] == ["Season 4"]

    with_store(tmp_path, work)


def test_deleted_folder_leaves_its_conversations(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        folders = FolderStore(store.database)
        await folders.save(F1)
        await store.save_conversation(make_conversation(folder_id=F1.folder_id))

        await folders.delete(F1.folder_id)

        assert await folders.folders() == []
        assert [chat.folder_id for chat in await store.conversations()] == [F1.folder_id]

    with_store(tmp_path, work)


def test_folders_of_a_deleted_workspace_go_with_it(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        (general,) = await store.workspaces()
        other = replace(general, workspace_id=new_workspace_id(), name="Research")
        await store.save_workspace(other)
        folders = FolderStore(store.database)
        await folders.save(replace(F1, folder_id=new_folder_id(), workspace_id=other.workspace_id))

        await store.delete_workspace(other.workspace_id)

        assert await folders.folders() == []

    with_store(tmp_path, work)


def test_colour_and_priority_of_a_workspace_are_kept(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        (general,) = await store.workspaces()
        await store.save_workspace(replace(general, colour=3, priority=WorkspacePriority.HIGH))

        (saved,) = await store.workspaces()

        assert (saved.colour, saved.priority) == (3, WorkspacePriority.HIGH)

    with_store(tmp_path, work)


def test_workspaces_of_the_version_before_have_no_colour() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, lambda _version: None, MIGRATIONS[:3])
    connection.execute(
        "INSERT INTO workspaces (workspace_id, name, created_s, updated_s) VALUES ('w', 'W', 1, 1)"
    )
    backups: list[int] = []
    migrate(connection, backups.append)

    assert connection.execute("SELECT colour, priority FROM workspaces").fetchall() == [
        (0, "normal")
    ]
    assert backups == [3]
