"""What the sidebar lists, as plain rows: pinned, workspaces, folders, conversations by date, trash.

Knows nothing of Qt's item models. Rows are made as they are asked for: of 50,000 conversations a view
fetches some hundred. GUI thread.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from operator import is_
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLocale

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import (
    Conversation,
    ConversationId,
    Folder,
    FolderId,
    MessageId,
    Workspace,
    WorkspacePriority,
)
from realm_desktop.store.search import SearchHit
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.sidebar_order import ChatOrder, Shelf

NUM_DAYS_OF_WEEK = 7

Grouping = Literal["workspace", "date"]

_NUM_ROWS = 20_000
"""Rows that are kept: one chat of many changes at a time."""


class RowKind(StrEnum):
    """LABEL and HINT are text between rows that can be chosen; HIT is a message of the chat above, or its notes."""

    LABEL = "label"
    HINT = "hint"
    WORKSPACE = "workspace"
    FOLDER = "folder"
    CONVERSATION = "conversation"
    HIT = "hit"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the sidebar.

    Attributes:
        key: The same for the same thing after every change; unique in a list.
        folder_id: The folder itself, or the one a conversation lies in.
        message_id: Of a HIT; None of one in notes.
        depth: How far it is indented, from 0 for what stands in a workspace.
        count: Conversations of a workspace or folder.
        is_expanded: Whether a workspace or folder shows what is in it.
        colour: Of a workspace, 0 is none.
    """

    kind: RowKind
    key: str
    text: str
    workspace_id: WorkspaceId | None = None
    conversation_id: ConversationId | None = None
    folder_id: FolderId | None = None
    message_id: MessageId | None = None
    depth: int = 0
    count: int = 0
    is_expanded: bool = True
    is_pinned: bool = False
    is_unseen: bool = False
    colour: int = 0
    priority: WorkspacePriority = WorkspacePriority.NORMAL


@dataclass(frozen=True, slots=True)
class SidebarContent:
    """Everything the rows are made from; conversations in the trash have `deleted_s`.

    Attributes:
        conversations: The latest activity first.
        folders: In the order they are listed.
        collapsed: Keys of folded workspaces and folders.
        hits: Messages that a search of the contents found; None before one was made.
    """

    workspaces: tuple[Workspace, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    folders: tuple[Folder, ...] = ()
    collapsed: frozenset[str] = frozenset()
    title_filter: str = ""
    hits: tuple[SearchHit, ...] | None = None
    grouping: Grouping = "workspace"


class SidebarRows:
    """Makes the rows; what did not change since the last list is not made again."""

    def __init__(self) -> None:
        self._order = ChatOrder((), ())
        self._ordered: tuple[object, ...] = ()
        self._known: dict[ConversationId, tuple[Conversation, int, Row]] = {}

    def chat_rows(self, content: SidebarContent, today: date) -> Iterator[Row]:
        """Pinned conversations, then all others by workspace or by date, the latest first.

        With a filter only matching titles are listed, in workspaces and folders that have any, all
        unfolded; below them what a search of the contents found.
        """
        order = self.order(content)
        if order.pinned:
            yield Row(RowKind.LABEL, "label:pinned", _tr("Pinned"))
            yield from map(self._chat_row, order.pinned)
        if content.grouping == "date":
            yield from self._dated_rows("all", order.others, today)
            if order.is_empty:
                yield Row(RowKind.HINT, "hint:all", _tr("Your first chat appears here."))
        else:
            yield from self._workspaces_rows(content, order, today)
        if order.is_filtered:
            yield from _hit_rows(content, is_any_title=order.has_any)

    def trash_rows(self, content: SidebarContent) -> Iterator[Row]:
        """Deleted conversations, the latest deleted first."""
        deleted = self.order(content).deleted
        yield Row(RowKind.LABEL, "label:trash", _tr("Trash, kept for 30 days"))
        yield from map(self._chat_row, deleted)
        if not deleted:
            yield Row(RowKind.HINT, "hint:trash", _tr("The trash is empty."))

    def order(self, content: SidebarContent) -> ChatOrder:
        """Where everything stands; the same lists and filter are not gone through again."""
        wanted = (content.conversations, content.folders, content.title_filter)
        # By identity: to compare fifty thousand records takes longer than to sort them in.
        is_same = len(self._ordered) == len(wanted) and all(map(is_, self._ordered, wanted))
        if not is_same:
            self._order, self._ordered = ChatOrder(*wanted), wanted
        return self._order

    def _workspaces_rows(
        self, content: SidebarContent, order: ChatOrder, today: date
    ) -> Iterator[Row]:
        for workspace in content.workspaces:
            count = order.counts[workspace.workspace_id]
            if order.is_filtered and not count:
                continue
            key = f"workspace:{workspace.workspace_id}"
            is_expanded = order.is_filtered or key not in content.collapsed
            yield _workspace_row(workspace, key, count, is_expanded=is_expanded)
            if not is_expanded:
                continue
            shelf = order.shelf(workspace.workspace_id)
            yield from self._folder_rows(shelf, None, content, 0)
            yield from self._dated_rows(workspace.workspace_id, shelf.chats[None], today)
            if not count and not shelf.folders[None]:
                first = _tr("Your first chat appears here.")
                hint = first if order.is_empty else _tr("No chats yet.")
                yield Row(RowKind.HINT, f"hint:{workspace.workspace_id}", hint)

    def _folder_rows(
        self, shelf: Shelf, parent_id: FolderId | None, content: SidebarContent, depth: int
    ) -> Iterator[Row]:
        """The folders in one place, each followed by what is in it."""
        is_filtered = bool(content.title_filter.strip())
        for folder in shelf.folders[parent_id]:
            count = shelf.count(folder)
            if is_filtered and not count:
                continue
            row = _folder_row(folder, count, depth)
            if not is_filtered and row.key in content.collapsed:
                yield replace(row, is_expanded=False)
                continue
            yield row
            yield from self._folder_rows(shelf, folder.folder_id, content, depth + 1)
            for chat in shelf.chats[folder.folder_id]:
                yield self._chat_row(chat, depth + 1)
            if not count:
                hint = _tr("Drag chats here")
                yield Row(RowKind.HINT, f"hint:{folder.folder_id}", hint, depth=depth + 1)

    def _dated_rows(self, group: str, chats: Sequence[Conversation], today: date) -> Iterator[Row]:
        """Conversations under Today, Yesterday, Previous 7 days and months."""
        start_s = math.inf
        for chat in chats:
            # A chat within the same days needs no calendar, which costs more than its row.
            if chat.updated_s < start_s:
                label, first = _period(date.fromtimestamp(chat.updated_s), today)
                start_s = datetime.combine(first, time.min).timestamp()
                yield Row(RowKind.LABEL, f"label:{group}:{label}", label)
            yield self._chat_row(chat)

    def _chat_row(self, chat: Conversation, depth: int = 0) -> Row:
        known = self._known.get(chat.conversation_id)
        if known is not None and known[0] is chat and known[1] == depth:
            return known[2]
        row = Row(
            RowKind.CONVERSATION,
            f"conversation:{chat.conversation_id}",
            one_line(chat.title) or _tr("New chat"),
            workspace_id=chat.workspace_id,
            conversation_id=chat.conversation_id,
            folder_id=chat.folder_id,
            depth=depth,
            is_pinned=chat.is_pinned,
            is_unseen=chat.is_unseen,
        )
        if len(self._known) >= _NUM_ROWS:
            self._known.clear()
        self._known[chat.conversation_id] = (chat, depth, row)
        return row


def keys_above(
    key: str, conversations: Iterable[Conversation], folders: Iterable[Folder]
) -> Iterator[str]:
    """The keys of the workspace and the folders that a conversation or folder lies in."""
    kind, _, own_id = key.partition(":")
    known = {folder.folder_id: folder for folder in folders}
    home: Conversation | Folder | None
    if kind == RowKind.FOLDER:
        home = known.get(FolderId(own_id))
        parent_id = None if home is None else home.parent_id
    else:
        home = next((chat for chat in conversations if chat.conversation_id == own_id), None)
        parent_id = None if home is None else home.folder_id
    if home is None:
        return
    yield f"workspace:{home.workspace_id}"
    # Popped, because the folders of a damaged file may lie in each other.
    while parent_id is not None and (folder := known.pop(parent_id, None)) is not None:
        yield f"folder:{parent_id}"
        parent_id = folder.parent_id


def _hit_rows(content: SidebarContent, *, is_any_title: bool) -> Iterator[Row]:
    """Found messages under the titles of their chats."""
    if content.hits is None:
        if not is_any_title:
            yield Row(RowKind.HINT, "hint:filter", _tr("In no title. Enter searches texts."))
        return
    if not content.hits:
        hint = _tr("In no message and no notes. Esc clears the filter.")
        yield Row(RowKind.HINT, "hint:hits", hint)
        return
    yield Row(RowKind.LABEL, "label:hits", _tr("In messages and notes"))
    by_chat: defaultdict[ConversationId, list[SearchHit]] = defaultdict(list)
    for hit in content.hits:
        by_chat[hit.conversation_id].append(hit)
    for conversation_id, hits in by_chat.items():
        yield Row(
            RowKind.CONVERSATION,
            f"found:{conversation_id}",
            one_line(hits[0].title) or _tr("New chat"),
            conversation_id=conversation_id,
        )
        for hit in hits:
            snippet = one_line(hit.snippet)
            is_note = hit.message_id is None
            yield Row(
                RowKind.HIT,
                f"hit:{conversation_id if is_note else hit.message_id}",
                _tr("Notes: {}").format(snippet) if is_note else snippet,
                conversation_id=conversation_id,
                message_id=hit.message_id,
            )


def _period(day: date, today: date) -> tuple[str, date]:
    """The label of a day, and the first day that has it."""
    age = (today - day).days
    if age <= 0:
        return _tr("Today"), today
    if age == 1:
        return _tr("Yesterday"), day
    if age <= NUM_DAYS_OF_WEEK:
        return _tr("Previous 7 days"), today - timedelta(days=NUM_DAYS_OF_WEEK)
    month = QLocale().standaloneMonthName(day.month)
    label = month if day.year == today.year else f"{month} {day.year}"
    return label, day.replace(day=1)


def _workspace_row(workspace: Workspace, key: str, count: int, *, is_expanded: bool) -> Row:
    return Row(
        RowKind.WORKSPACE,
        key,
        one_line(workspace.name),
        workspace_id=workspace.workspace_id,
        count=count,
        is_expanded=is_expanded,
        colour=workspace.colour,
        priority=workspace.priority,
    )


def _folder_row(folder: Folder, count: int, depth: int) -> Row:
    return Row(
        RowKind.FOLDER,
        f"folder:{folder.folder_id}",
        one_line(folder.name) or _tr("New folder"),
        workspace_id=folder.workspace_id,
        folder_id=folder.folder_id,
        depth=depth,
        count=count,
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Sidebar", text)
