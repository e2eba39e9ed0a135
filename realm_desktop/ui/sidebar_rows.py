"""What the sidebar lists, as plain rows: pinned, workspaces, conversations grouped by date, trash.

Pure functions over records; knows nothing of Qt's item models. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QLocale

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import Conversation, ConversationId, Workspace
from realm_desktop.ui.one_line import one_line

NUM_DAYS_OF_WEEK = 7

# One chat of ten thousand changes at a time, so the rows of the others are made once: 60 ms for a
# new list instead of 200 ms, measured on 2 busy cores.
_NUM_ROWS = 20_000
_NUM_LABELS = 1_000


class RowKind(StrEnum):
    """LABEL and HINT are text between rows that can be chosen."""

    LABEL = "label"
    HINT = "hint"
    WORKSPACE = "workspace"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the sidebar.

    Attributes:
        key: The same for the same thing after every change; unique in a list.
        count: Conversations of a workspace.
        is_expanded: Whether a workspace shows its conversations.
    """

    kind: RowKind
    key: str
    text: str
    workspace_id: WorkspaceId | None = None
    conversation_id: ConversationId | None = None
    count: int = 0
    is_expanded: bool = True
    is_pinned: bool = False
    is_unseen: bool = False


@dataclass(frozen=True, slots=True)
class SidebarContent:
    """Everything the rows are made from; conversations in the trash have `deleted_s`.

    Attributes:
        found_ids: Conversations that a search of the contents found; they pass the filter too.
    """

    workspaces: tuple[Workspace, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    collapsed_ids: frozenset[WorkspaceId] = frozenset()
    title_filter: str = ""
    found_ids: frozenset[ConversationId] = frozenset()


def chat_rows(content: SidebarContent, today: date) -> list[Row]:
    """Pinned conversations, then every workspace with its conversations, the latest first.

    With a filter only matching titles are listed, in workspaces that have any, all unfolded.
    """
    wanted = content.title_filter.strip().casefold()
    live = [chat for chat in content.conversations if chat.deleted_s is None]
    found = [
        chat
        for chat in live
        if wanted in chat.title.casefold() or chat.conversation_id in content.found_ids
    ]
    found.sort(key=lambda chat: chat.updated_s, reverse=True)
    rows = _pinned_rows(found)
    for workspace in content.workspaces:
        own = [chat for chat in found if chat.workspace_id == workspace.workspace_id]
        if wanted and not own:
            continue
        is_expanded = bool(wanted) or workspace.workspace_id not in content.collapsed_ids
        rows.append(_workspace_row(workspace, len(own), is_expanded=is_expanded))
        if is_expanded:
            loose = [chat for chat in own if not chat.is_pinned]
            rows += _dated_rows(workspace, loose, today)
        if is_expanded and not own:
            hint = _tr("Your first chat appears here.") if not live else _tr("No chats yet.")
            rows.append(Row(RowKind.HINT, f"hint:{workspace.workspace_id}", hint))
    if wanted and not found:
        rows.append(Row(RowKind.HINT, "hint:filter", _tr("In no title. Enter searches texts.")))
    return rows


def trash_rows(content: SidebarContent) -> list[Row]:
    """Deleted conversations, the latest deleted first."""
    deleted = [chat for chat in content.conversations if chat.deleted_s is not None]
    deleted.sort(key=lambda chat: chat.deleted_s or 0.0, reverse=True)
    rows = [Row(RowKind.LABEL, "label:trash", _tr("Trash"))]
    rows += [_conversation_row(chat) for chat in deleted]
    if not deleted:
        rows.append(Row(RowKind.HINT, "hint:trash", _tr("The trash is empty.")))
    return rows


def num_deleted(conversations: Iterable[Conversation]) -> int:
    """How many conversations are in the trash."""
    return sum(chat.deleted_s is not None for chat in conversations)


def _pinned_rows(found: Sequence[Conversation]) -> list[Row]:
    pinned = [chat for chat in found if chat.is_pinned]
    if not pinned:
        return []
    label = Row(RowKind.LABEL, "label:pinned", _tr("Pinned"))
    return [label, *map(_conversation_row, pinned)]


def _dated_rows(workspace: Workspace, chats: Sequence[Conversation], today: date) -> list[Row]:
    """The conversations of a workspace under Today, Yesterday, Previous 7 days and months."""
    rows: list[Row] = []
    last = ""
    for chat in chats:
        label = _date_label(date.fromtimestamp(chat.updated_s), today)
        if label != last:
            key = f"label:{workspace.workspace_id}:{label}"
            rows.append(Row(RowKind.LABEL, key, label))
            last = label
        rows.append(_conversation_row(chat))
    return rows


@lru_cache(maxsize=_NUM_LABELS)
def _date_label(day: date, today: date) -> str:
    age = (today - day).days
    if age <= 0:
        return _tr("Today")
    if age == 1:
        return _tr("Yesterday")
    if age <= NUM_DAYS_OF_WEEK:
        return _tr("Previous 7 days")
    month = QLocale().standaloneMonthName(day.month)
    return month if day.year == today.year else f"{month} {day.year}"


def _workspace_row(workspace: Workspace, count: int, *, is_expanded: bool) -> Row:
    return Row(
        RowKind.WORKSPACE,
        f"workspace:{workspace.workspace_id}",
        one_line(workspace.name),
        workspace_id=workspace.workspace_id,
        count=count,
        is_expanded=is_expanded,
    )


@lru_cache(maxsize=_NUM_ROWS)
def _conversation_row(chat: Conversation) -> Row:
    return Row(
        RowKind.CONVERSATION,
        f"conversation:{chat.conversation_id}",
        one_line(chat.title) or _tr("New chat"),
        workspace_id=chat.workspace_id,
        conversation_id=chat.conversation_id,
        is_pinned=chat.is_pinned,
        is_unseen=chat.is_unseen,
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Sidebar", text)
