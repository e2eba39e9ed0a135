"""What the sidebar lists, as plain rows: pinned, workspaces, folders, conversations by date, trash.

Pure functions over records; knows nothing of Qt's item models. Rows are made as they are asked for:
of 50,000 conversations a view fetches some hundred. GUI thread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
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

NUM_DAYS_OF_WEEK = 7

Grouping = Literal["workspace", "date"]

# One chat of ten thousand changes at a time, so the rows of the others are made once: 60 ms for a
# new list instead of 200 ms, measured on 2 busy cores.
_NUM_ROWS = 20_000
_NUM_LABELS = 1_000


class RowKind(StrEnum):
    """LABEL and HINT are text between rows that can be chosen; HIT is a message of the chat above."""

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
        message_id: Of a HIT.
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


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A workspace's folders and conversations by the folder they are listed in; None is loose."""

    folders: dict[FolderId | None, list[Folder]] = field(default_factory=lambda: defaultdict(list))
    chats: dict[FolderId | None, list[Conversation]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def count(self, folder: Folder) -> int:
        """Conversations of a folder and of those in it."""
        inner = (self.count(inner) for inner in self.folders[folder.folder_id])
        return len(self.chats[folder.folder_id]) + sum(inner)


def chat_rows(content: SidebarContent, today: date) -> Iterator[Row]:
    """Pinned conversations, then all others by workspace or by date, the latest first.

    With a filter only matching titles are listed, in workspaces and folders that have any, all
    unfolded; below them what a search of the contents found.
    """
    wanted = content.title_filter.strip().casefold()
    live = [chat for chat in content.conversations if chat.deleted_s is None]
    found = [chat for chat in live if wanted in chat.title.casefold()] if wanted else live
    yield from _pinned_rows(found)
    if content.grouping == "date":
        yield from _dated_rows("all", [chat for chat in found if not chat.is_pinned], today)
        if not live:
            yield Row(RowKind.HINT, "hint:all", _tr("Your first chat appears here."))
    else:
        yield from _workspaces_rows(content, found, today, is_empty=not live)
    if wanted:
        yield from _hit_rows(content, is_any_title=bool(found))


def trash_rows(content: SidebarContent) -> Iterator[Row]:
    """Deleted conversations, the latest deleted first."""
    deleted = [chat for chat in content.conversations if chat.deleted_s is not None]
    deleted.sort(key=lambda chat: chat.deleted_s or 0.0, reverse=True)
    yield Row(RowKind.LABEL, "label:trash", _tr("Trash, kept for 30 days"))
    yield from map(_conversation_row, deleted)
    if not deleted:
        yield Row(RowKind.HINT, "hint:trash", _tr("The trash is empty."))


def num_deleted(conversations: Iterable[Conversation]) -> int:
    """How many conversations are in the trash."""
    return sum(chat.deleted_s is not None for chat in conversations)


def _pinned_rows(found: Sequence[Conversation]) -> Iterator[Row]:
    pinned = [chat for chat in found if chat.is_pinned]
    if pinned:
        yield Row(RowKind.LABEL, "label:pinned", _tr("Pinned"))
        yield from map(_conversation_row, pinned)


def _workspaces_rows(
    content: SidebarContent, found: Sequence[Conversation], today: date, *, is_empty: bool
) -> Iterator[Row]:
    is_filtered = bool(content.title_filter.strip())
    shelves, counts = _sorted_in(content.folders, found)
    for workspace in content.workspaces:
        count = counts[workspace.workspace_id]
        if is_filtered and not count:
            continue
        key = f"workspace:{workspace.workspace_id}"
        is_expanded = is_filtered or key not in content.collapsed
        yield _workspace_row(workspace, key, count, is_expanded=is_expanded)
        if not is_expanded:
            continue
        shelf = shelves[workspace.workspace_id]
        yield from _folder_rows(shelf, None, content, 0)
        yield from _dated_rows(workspace.workspace_id, shelf.chats[None], today)
        if not count and not shelf.folders[None]:
            hint = _tr("Your first chat appears here.") if is_empty else _tr("No chats yet.")
            yield Row(RowKind.HINT, f"hint:{workspace.workspace_id}", hint)


def _sorted_in(
    folders: Iterable[Folder], chats: Iterable[Conversation]
) -> tuple[defaultdict[WorkspaceId, _Shelf], defaultdict[WorkspaceId, int]]:
    """What lies where, and the number of conversations of each workspace, pinned ones included."""
    shelves: defaultdict[WorkspaceId, _Shelf] = defaultdict(_Shelf)
    counts: defaultdict[WorkspaceId, int] = defaultdict(int)
    sound = list(_without_circles(folders))
    homes: dict[FolderId | None, WorkspaceId] = {f.folder_id: f.workspace_id for f in sound}
    for folder in sound:
        is_inner = homes.get(folder.parent_id) == folder.workspace_id
        shelves[folder.workspace_id].folders[folder.parent_id if is_inner else None].append(folder)
    for chat in chats:
        counts[chat.workspace_id] += 1
        if not chat.is_pinned:
            is_inner = homes.get(chat.folder_id) == chat.workspace_id
            shelves[chat.workspace_id].chats[chat.folder_id if is_inner else None].append(chat)
    return shelves, counts


def _without_circles(folders: Iterable[Folder]) -> Iterator[Folder]:
    """The folders whose parents end somewhere; a damaged file may hold a circle of them."""
    parents = {folder.folder_id: folder.parent_id for folder in folders}
    for folder in folders:
        parent, steps = folder.parent_id, 0
        while parent in parents and steps <= len(parents):
            parent, steps = parents[parent], steps + 1
        if steps <= len(parents):
            yield folder


def _folder_rows(
    shelf: _Shelf, parent_id: FolderId | None, content: SidebarContent, depth: int
) -> Iterator[Row]:
    """The folders in one place, each followed by what is in it."""
    is_filtered = bool(content.title_filter.strip())
    for folder in shelf.folders[parent_id]:
        count = shelf.count(folder)
        if is_filtered and not count:
            continue
        key = f"folder:{folder.folder_id}"
        is_expanded = is_filtered or key not in content.collapsed
        yield Row(
            RowKind.FOLDER,
            key,
            one_line(folder.name) or _tr("New folder"),
            workspace_id=folder.workspace_id,
            folder_id=folder.folder_id,
            depth=depth,
            count=count,
            is_expanded=is_expanded,
        )
        if not is_expanded:
            continue
        yield from _folder_rows(shelf, folder.folder_id, content, depth + 1)
        for chat in shelf.chats[folder.folder_id]:
            yield _conversation_row(chat, depth + 1)
        if not count:
            hint = _tr("Drag chats here")
            yield Row(RowKind.HINT, f"hint:{folder.folder_id}", hint, depth=depth + 1)


def _dated_rows(group: str, chats: Sequence[Conversation], today: date) -> Iterator[Row]:
    """Conversations under Today, Yesterday, Previous 7 days and months."""
    last = ""
    for chat in chats:
        label = _date_label(date.fromtimestamp(chat.updated_s), today)
        if label != last:
            yield Row(RowKind.LABEL, f"label:{group}:{label}", label)
            last = label
        yield _conversation_row(chat)


def _hit_rows(content: SidebarContent, *, is_any_title: bool) -> Iterator[Row]:
    """Found messages under the titles of their chats."""
    if content.hits is None:
        if not is_any_title:
            yield Row(RowKind.HINT, "hint:filter", _tr("In no title. Enter searches texts."))
        return
    if not content.hits:
        hint = _tr("In no message. Esc clears the filter.")
        yield Row(RowKind.HINT, "hint:hits", hint)
        return
    yield Row(RowKind.LABEL, "label:hits", _tr("In messages"))
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
            yield Row(
                RowKind.HIT,
                f"hit:{hit.message_id}",
                one_line(hit.snippet),
                conversation_id=conversation_id,
                message_id=hit.message_id,
            )


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


@lru_cache(maxsize=_NUM_ROWS)
def _conversation_row(chat: Conversation, depth: int = 0) -> Row:
    return Row(
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


def _tr(text: str) -> str:
    return QCoreApplication.translate("Sidebar", text)
