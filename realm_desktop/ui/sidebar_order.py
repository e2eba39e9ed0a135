"""Where the sidebar's conversations stand: pinned, in which workspace and folder, or in the trash.

One pass over all of them; knows nothing of rows and Qt. GUI thread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import Conversation, Folder, FolderId


@dataclass(frozen=True, slots=True)
class Shelf:
    """A workspace's folders and conversations by the folder they are listed in; None is loose.

    Pinned conversations are counted, but stand elsewhere.
    """

    folders: dict[FolderId | None, list[Folder]] = field(default_factory=lambda: defaultdict(list))
    chats: dict[FolderId | None, list[Conversation]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def count(self, folder: Folder) -> int:
        """Conversations of a folder and of those in it."""
        inner = (self.count(inner) for inner in self.folders[folder.folder_id])
        return len(self.chats[folder.folder_id]) + sum(inner)


class ChatOrder:
    """The conversations whose titles have a text, in the order they were given.

    Args:
        conversations: The latest activity first.
        folders: In the order they are listed.
        title_filter: "" finds all.

    Attributes:
        is_empty: There is no conversation outside the trash, found or not.
        pinned, others: Those found, outside the trash.
        deleted: Those in the trash, the latest deleted first, found or not.
        counts: How many were found, by workspace.
    """

    def __init__(
        self,
        conversations: Sequence[Conversation],
        folders: Sequence[Folder],
        title_filter: str = "",
    ) -> None:
        self._wanted = title_filter.strip().casefold()
        self.pinned: list[Conversation] = []
        self.others: list[Conversation] = []
        self.deleted: list[Conversation] = []
        self.counts: defaultdict[WorkspaceId, int] = defaultdict(int)
        self._shelves: defaultdict[WorkspaceId, Shelf] = defaultdict(Shelf)
        self._homes: dict[FolderId | None, WorkspaceId] = {}
        self._put_folders(folders)
        self._put_chats(conversations)
        self.is_empty = len(self.deleted) == len(conversations)
        self.deleted.sort(key=lambda chat: chat.deleted_s or 0.0, reverse=True)

    @property
    def is_filtered(self) -> bool:
        """Whether only some titles are wanted."""
        return bool(self._wanted)

    @property
    def has_any(self) -> bool:
        """Whether any title was found."""
        return bool(self.pinned or self.others)

    def shelf(self, workspace_id: WorkspaceId) -> Shelf:
        """What stands in a workspace."""
        return self._shelves[workspace_id]

    def _put_folders(self, folders: Sequence[Folder]) -> None:
        sound = list(_without_circles(folders))
        self._homes = {folder.folder_id: folder.workspace_id for folder in sound}
        for folder in sound:
            is_inner = self._homes.get(folder.parent_id) == folder.workspace_id
            place = folder.parent_id if is_inner else None
            self._shelves[folder.workspace_id].folders[place].append(folder)

    def _put_chats(self, conversations: Sequence[Conversation]) -> None:
        # The only loop over all chats of a redraw, so what it does not need is left out of it.
        wanted, homes = self._wanted, self._homes
        for chat in conversations:
            if chat.deleted_s is not None:
                self.deleted.append(chat)
            elif not wanted or wanted in chat.title.casefold():
                workspace_id, folder_id = chat.workspace_id, chat.folder_id
                self.counts[workspace_id] += 1
                if chat.is_pinned:
                    self.pinned.append(chat)
                    continue
                self.others.append(chat)
                is_inner = folder_id is not None and homes.get(folder_id) == workspace_id
                self._shelves[workspace_id].chats[folder_id if is_inner else None].append(chat)


def _without_circles(folders: Iterable[Folder]) -> Iterator[Folder]:
    """The folders whose parents end somewhere; a damaged file may hold a circle of them."""
    parents = {folder.folder_id: folder.parent_id for folder in folders}
    for folder in folders:
        parent, steps = folder.parent_id, 0
        while parent in parents and steps <= len(parents):
            parent, steps = parents[parent], steps + 1
        if steps <= len(parents):
            yield folder
