"""Workspaces and conversations as the sidebar gets them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAction

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import Conversation, ConversationId, Folder, FolderId, Workspace
from realm_desktop.ui.sidebar import Sidebar
from realm_desktop.ui.sidebar_rows import RowKind
from tests.support.widgets import click

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


def row_texts(sidebar: Sidebar, kind: RowKind = RowKind.CONVERSATION) -> list[str]:
    """The words of its rows of one kind."""
    return [row.text for row in sidebar.model.rows if row.kind is kind]


def row_rect(sidebar: Sidebar, key: str) -> QRect:
    """Where the row of a chat, folder or workspace lies."""
    return sidebar.list.visualRect(sidebar.model.index_of(key))


def click_row(sidebar: Sidebar, key: str) -> None:
    """A click on a row, beside what it has at its end."""
    click(sidebar.list.viewport(), row_rect(sidebar, key).center() - QPoint(40, 0))


def view_action(sidebar: Sidebar, text: str) -> QAction:
    """An entry of the menu beside "New folder"."""
    found = [action for action in sidebar.view_button.menu().actions() if action.text() == text]
    return found[0]
