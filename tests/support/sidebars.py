"""Workspaces and conversations as the sidebar gets them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import Conversation, ConversationId, Folder, FolderId, Workspace

TODAY = date(2026, 11, 20)


def make_workspace(workspace_id: str = "general", name: str = "") -> Workspace:
    """A workspace named like its id."""
    return Workspace(WorkspaceId(workspace_id), name or workspace_id.title(), 1.0, 1.0)


def make_chat(
    title: str, age_days: int = 0, workspace_id: str = "general", **fields: Any
) -> Conversation:
    """A conversation with its title as id, last used at noon so many days ago."""
    day = TODAY - timedelta(days=age_days)
    used_s = datetime(day.year, day.month, day.day, 12).timestamp()
    return Conversation(
        ConversationId(title), WorkspaceId(workspace_id), title, used_s, used_s, **fields
    )


def make_folder(
    folder_id: str, parent_id: str | None = None, workspace_id: str = "general"
) -> Folder:
    """A folder named like its id."""
    parent = None if parent_id is None else FolderId(parent_id)
    return Folder(FolderId(folder_id), WorkspaceId(workspace_id), folder_id.title(), 1.0, parent)
