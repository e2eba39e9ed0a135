"""Adapters the user added, on disk, together with the mixes they are part of.

Every method is one transaction on the store thread, like those of `conversations`. Never opens an
adapter's file.
"""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from realm_desktop.protocol import AdapterId
from realm_desktop.store import rows
from realm_desktop.store.database import Database
from realm_desktop.store.readable_rows import readable
from realm_desktop.store.records import KnownAdapter, Workspace


class AdapterStore:
    """The table of adapters, as records. Used from the event loop; owns nothing."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def adapters(self) -> list[KnownAdapter]:
        """All adapters in the order they were added."""

        def work(connection: apsw.Connection) -> list[KnownAdapter]:
            cursor = connection.execute(
                f"SELECT {readable(rows.ADAPTER_COLUMNS)} FROM adapters ORDER BY added_s, rowid"
            )
            found = [rows.read_adapter(row) for row in cursor]
            return [adapter for adapter in found if adapter is not None]

        return await self.database.run(work)

    async def save(self, adapter: KnownAdapter, workspaces: Iterable[Workspace] = ()) -> None:
        """Insert or update an adapter, and with it the workspaces that get it back."""
        row = rows.adapter_row(adapter)
        changed = [rows.workspace_row(workspace) for workspace in workspaces]

        def work(connection: apsw.Connection) -> None:
            rows.upsert(connection, "adapters", rows.ADAPTER_COLUMNS, row)
            for workspace in changed:
                rows.upsert(connection, "workspaces", rows.WORKSPACE_COLUMNS, workspace)

        await self.database.run(work)

    async def remove(self, adapter_id: AdapterId, workspaces: Iterable[Workspace] = ()) -> None:
        """Forget an adapter, and save the workspaces that no longer have it in their mix."""
        changed = [rows.workspace_row(workspace) for workspace in workspaces]

        def work(connection: apsw.Connection) -> None:
            connection.execute("DELETE FROM adapters WHERE adapter_id = ?", (adapter_id,))
            for workspace in changed:
                rows.upsert(connection, "workspaces", rows.WORKSPACE_COLUMNS, workspace)

        await self.database.run(work)
