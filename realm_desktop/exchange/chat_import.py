"""Takes a file of chats in: one transaction for each, so that half a chat never exists; with a way back.

Reading is done in another thread, storing on the store's. Belongs to the GUI thread's event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.errors import ImportFailed
from realm_desktop.exchange.chat_file import read_chat_file
from realm_desktop.exchange.imported import Found, ImportedChat, WorkspaceNotes
from realm_desktop.formats.corruption import quote
from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.folders import FolderStore
from realm_desktop.store.notes import workspace_owner
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    ConversationId,
    Folder,
    FolderId,
    Workspace,
)
from realm_desktop.store.trees import Tree, add_tree, remove_conversations

MAX_REMARKS: Final = 200
"""Sentences kept about one file; the rest are counted."""


@dataclass(slots=True)
class ImportReport:
    """What came of an import, and what its undo needs.

    Attributes:
        conversations: As they were stored.
        num_messages: In all of them.
        remarks: What was left out, in words.
        num_more_remarks: Those beyond the limit.
        is_cancelled: The user ended it; what was taken in until then is there.
    """

    conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    workspaces: list[WorkspaceId] = field(default_factory=list)
    folders: list[FolderId] = field(default_factory=list)
    num_messages: int = 0
    remarks: list[str] = field(default_factory=list)
    num_more_remarks: int = 0
    is_cancelled: bool = False

    def remark(self, sentence: str) -> None:
        """Keep a sentence, once."""
        if sentence in self.remarks:
            return
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append(sentence)
        else:
            self.num_more_remarks += 1


class ChatImport:
    """One file on its way in.

    Args:
        library: Lists what was stored.
        store: Keeps it.
        path: The file.
        on_progress: Called with bytes read and their number, in another thread.
    """

    def __init__(
        self,
        library: ChatLibrary,
        store: ConversationStore,
        path: Path,
        on_progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> None:
        self.report = ImportReport()
        self._library = library
        self._store = store
        self._folders = FolderStore(store.database)
        self._path = path
        self._on_progress = on_progress
        self._workspaces = {w.workspace_id for w in library.workspaces}
        self._known_folders = {f.folder_id: f for f in library.folders.folders}
        self._adapters = {shelf.adapter.adapter_id for shelf in library.adapters.shelves}

    def cancel(self) -> None:
        """End after the conversation that is being stored."""
        self.report.is_cancelled = True

    async def run(self) -> ImportReport:
        """Take everything in that can be.

        Raises:
            ImportFailed: The file is none of ours, before anything was taken in.
            StoreError: Chats could not be saved; those before are there, and whole.
        """
        pieces = read_chat_file(self._path, time.time(), self._on_progress)
        try:
            await self._take_all(pieces)
        except ImportFailed as error:
            if not self.report.conversations:
                raise
            # What stood before the damage is taken in, and can be undone.
            self.report.remark(error.message)
        finally:
            await asyncio.to_thread(pieces.close)
            await self._library.load()
        return self.report

    async def _take_all(self, pieces: Iterator[Found]) -> None:
        while not self.report.is_cancelled:
            found = await asyncio.to_thread(_next, pieces)
            if found is None:
                return
            if isinstance(found, ImportedChat):
                await self._take_chat(found)
            elif isinstance(found, Workspace):
                await self._take_workspace(found)
            elif isinstance(found, WorkspaceNotes):
                await self._take_notes(found)
            elif isinstance(found, Folder):
                await self._take_folder(found)
            else:
                self.report.remark(found.sentence)

    async def _take_chat(self, chat: ImportedChat) -> None:
        tree = await add_tree(self._store.database, self._placed(chat.tree))
        self.report.conversations[tree.conversation.conversation_id] = tree.conversation
        self.report.num_messages += len(tree.messages)
        for note in chat.notes:
            self.report.remark(note)

    def _placed(self, tree: Tree) -> Tree:
        """The tree in a workspace that is there; days in the trash begin anew."""
        conversation = tree.conversation
        if conversation.workspace_id not in self._workspaces:
            conversation = replace(conversation, workspace_id=GENERAL_WORKSPACE_ID, folder_id=None)
        if conversation.deleted_s is not None:
            conversation = replace(conversation, deleted_s=time.time())
        return replace(tree, conversation=conversation)

    async def _take_workspace(self, workspace: Workspace) -> None:
        """A workspace that is here already keeps its own settings."""
        if workspace.workspace_id in self._workspaces:
            return
        entries = workspace.adapters.entries
        kept = tuple(entry for entry in entries if entry.adapter_id in self._adapters)
        if len(kept) < len(entries):
            name = quote(workspace.name, 40)
            count = len(entries) - len(kept)
            self.report.remark(
                f"adapters of the workspace {name} that are not on this machine: {count}"
            )
            mix = AdapterMix(kept, is_bypassed=workspace.adapters.is_bypassed and bool(kept))
            workspace = replace(workspace, adapters=mix)
        await self._store.save_workspace(workspace)
        self._workspaces.add(workspace.workspace_id)
        self.report.workspaces.append(workspace.workspace_id)

    async def _take_notes(self, notes: WorkspaceNotes) -> None:
        # One that was here before keeps its own.
        if notes.workspace_id in self.report.workspaces:
            owner = workspace_owner(notes.workspace_id)
            await self._library.shelf.notes.save(owner, notes.text)

    async def _take_folder(self, folder: Folder) -> None:
        if folder.folder_id in self._known_folders or folder.workspace_id not in self._workspaces:
            return
        # Only a folder that came before can hold it, so there is no circle.
        if folder.parent_id is not None and folder.parent_id not in self._known_folders:
            folder = replace(folder, parent_id=None)
        await self._folders.save(folder)
        self._known_folders[folder.folder_id] = folder
        self.report.folders.append(folder.folder_id)


def _next(pieces: Iterator[Found]) -> Found | None:
    return next(pieces, None)


async def undo_import(library: ChatLibrary, store: ConversationStore, report: ImportReport) -> None:
    """Take an import back; chats that were opened or changed since stay.

    Raises:
        StoreError: It could not be taken back.
    """
    current = {c.conversation_id: c for c in library.conversations}
    unused = [
        key
        for key, stored in report.conversations.items()
        if key not in library.sessions
        and key in current
        and current[key].updated_s == stored.updated_s
    ]
    await remove_conversations(store.database, unused)
    await library.forget(unused)
    used = {(c.workspace_id, c.folder_id) for c in library.conversations}
    for folder_id in report.folders:
        if all(folder_id != place[1] for place in used):
            await library.folders.delete(folder_id)
    for workspace_id in report.workspaces:
        if all(workspace_id != place[0] for place in used):
            await library.delete_workspace(workspace_id)
