"""Folders of workspaces on disk.

Every method is one transaction on the store thread, like those of `conversations`. Deleting a folder
touches nothing but its own row, see `migrations.add_folders`.
"""

from __future__ import annotations

import apsw

from realm_desktop.store import rows
from realm_desktop.store.database import Database
from realm_desktop.store.readable_rows import select
from realm_desktop.store.records import Folder, FolderId


class FolderStore:
    """The table of folders, as records. Used from the event loop; owns nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def folders(self) -> list[Folder]:
        """All folders in the order they were made."""

        def work(connection: apsw.Connection) -> list[Folder]:
            rest = "FROM folders ORDER BY created_s, rowid"
            return [rows.read_folder(row) for row in select(connection, rows.FOLDER_COLUMNS, rest)]

        return await self._database.run(work)

    async def save(self, *folders: Folder) -> None:
        """Insert or update folders, all of them or none."""
        changed = [rows.folder_row(folder) for folder in folders]

        def work(connection: apsw.Connection) -> None:
            for row in changed:
                rows.upsert(connection, "folders", rows.FOLDER_COLUMNS, row)

        await self._database.run(work)

    async def delete(self, folder_id: FolderId) -> None:
        """Remove a folder; what named it stays and stands loose in its workspace."""
        await self._database.run(
            lambda connection: connection.execute(
                "DELETE FROM folders WHERE folder_id = ?", (folder_id,)
            )
        )
