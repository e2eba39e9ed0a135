"""The folders inside workspaces: made, renamed, moved, deleted and brought back.

A conversation or folder that names a folder which is not there, or is of another workspace, stands
loose in its own workspace; so deleting a folder changes nothing else and can be undone as a whole.
Knows nothing of Qt. Belongs to the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from realm_desktop.errors import StoreError
from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.folders import FolderStore
from realm_desktop.store.records import Folder, FolderId, new_folder_id

MAX_DEPTH = 8
"""Deeper folders leave no room for titles in a sidebar of 300 px."""


class ChatFolders:
    """All folders, kept in step with the store.

    Args:
        store: Keeps them.
        notify: Called after every change.
        clock: Unix seconds.
    """

    def __init__(
        self, store: FolderStore, notify: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._notify = notify
        self._clock = clock
        self._folders: dict[FolderId, Folder] = {}

    @property
    def folders(self) -> Sequence[Folder]:
        """All folders, by name."""
        return sorted(self._folders.values(), key=lambda f: (f.name.casefold(), f.created_s))

    async def load(self) -> None:
        """Read them.

        Raises:
            StoreError: The database cannot be read.
        """
        self._folders = {folder.folder_id: folder for folder in await self._store.folders()}

    def get(self, folder_id: FolderId) -> Folder:
        """A folder by its id.

        Raises:
            StoreError: There is no such folder.
        """
        folder = self._folders.get(folder_id)
        if folder is None:
            raise StoreError("the folder is not there any more", field="folder_id")
        return folder

    def within(self, folder_id: FolderId) -> frozenset[FolderId]:
        """A folder and all that lie in it, at any depth."""
        found = {folder_id}
        while True:
            more = {f.folder_id for f in self._folders.values() if f.parent_id in found} - found
            if not more:
                return frozenset(found)
            found |= more

    async def new(
        self, workspace_id: WorkspaceId, name: str, parent_id: FolderId | None = None
    ) -> Folder:
        """A new folder in a workspace or in another folder.

        Raises:
            StoreError: It would lie too deep, or could not be saved.
        """
        self._check_depth(parent_id, 1)
        folder = Folder(
            new_folder_id(), workspace_id, clean_text(name).strip(), self._clock(), parent_id
        )
        await self._save(folder)
        return folder

    async def rename(self, folder_id: FolderId, name: str) -> None:
        """Give a folder another name.

        Raises:
            StoreError: There is no such folder, or it could not be saved.
        """
        await self._save(replace(self.get(folder_id), name=clean_text(name).strip()))

    async def move(
        self, folder_id: FolderId, workspace_id: WorkspaceId, parent_id: FolderId | None = None
    ) -> None:
        """Move a folder with the folders in it; the caller moves their conversations.

        Raises:
            StoreError: It would lie in itself or too deep, or could not be saved.
        """
        moved = self.within(folder_id)
        if parent_id in moved:
            raise StoreError(
                f"the folder {self.get(folder_id).name} cannot be moved into itself",
                advice="Choose another folder, or the workspace.",
                field="parent_id",
            )
        self._check_depth(parent_id, self._height(folder_id))
        changed = [replace(self._folders[key], workspace_id=workspace_id) for key in moved]
        await self._save(
            *(replace(f, parent_id=parent_id) if f.folder_id == folder_id else f for f in changed)
        )

    async def delete(self, folder_id: FolderId) -> Folder:
        """Remove a folder; what lies in it stands loose in the workspace.

        Returns:
            What `restore` needs.

        Raises:
            StoreError: There is no such folder, or the change could not be saved.
        """
        folder = self.get(folder_id)
        await self._store.delete(folder_id)
        del self._folders[folder_id]
        self._notify()
        return folder

    async def restore(self, folder: Folder) -> None:
        """Take back a deletion: the same id brings everything back that was in it.

        Raises:
            StoreError: It could not be saved.
        """
        await self._save(folder)

    async def _save(self, *folders: Folder) -> None:
        await self._store.save(*folders)
        self._folders.update((folder.folder_id, folder) for folder in folders)
        self._notify()

    def _check_depth(self, parent_id: FolderId | None, height: int) -> None:
        depth = height
        # A damaged file may hold a circle of parents.
        seen: set[FolderId] = set()
        while parent_id in self._folders and parent_id not in seen:
            seen.add(parent_id)
            parent_id = self._folders[parent_id].parent_id
            depth += 1
        if depth > MAX_DEPTH:
            raise StoreError(
                f"folders would lie {depth} deep; at most {MAX_DEPTH} are possible",
                advice="Choose a folder further out.",
                field="parent_id",
            )

    def _height(self, folder_id: FolderId) -> int:
        """How many levels a folder and those in it take."""
        levels, level = 0, {folder_id}
        seen = set(level)
        while level:
            levels += 1
            level = {f.folder_id for f in self._folders.values() if f.parent_id in level} - seen
            seen |= level
        return levels
