"""Writes chats into one JSON file, one conversation at a time, so that memory stays small."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from realm_desktop import __version__
from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.exchange.archive_format import (
    CONVERSATIONS,
    conversation_values,
    header_values,
)
from realm_desktop.exchange.output_file import output_file
from realm_desktop.store.database import Database
from realm_desktop.store.notes import workspace_owner
from realm_desktop.store.records import Conversation
from realm_desktop.store.trees import read_tree

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is."""


async def write_archive(
    library: ChatLibrary,
    database: Database,
    path: Path,
    conversations: Sequence[Conversation],
    *,
    num_bytes: int = 0,
    on_progress: Progress = lambda _done, _all: None,
) -> None:
    """Write conversations with the workspaces and folders they lie in.

    Args:
        library: Knows workspaces, folders and adapters.
        database: Has the messages.
        path: The file; what is there is replaced at the end.
        conversations: In the order of the file.
        num_bytes: About how large the file will be, for the look at the free space.
        on_progress: Called after every conversation.

    Raises:
        ExportError: The file cannot be written; nothing of it stays.
        StoreError: The chats cannot be read.
    """
    start, end = _frame(await _header(library, conversations))
    async with output_file(path, num_bytes) as file:
        await asyncio.to_thread(file.write, start)
        for number, conversation in enumerate(conversations):
            tree = await read_tree(database, conversation)
            separator = b",\n" if number else b"\n"
            line = await asyncio.to_thread(_encoded, tree)
            await asyncio.to_thread(file.write, separator + line)
            on_progress(number + 1, len(conversations))
        await asyncio.to_thread(file.write, end)


async def _header(library: ChatLibrary, conversations: Sequence[Conversation]) -> dict[str, Any]:
    """What the conversations refer to, and no more: one chat does not tell of other workspaces."""
    used = {chat.workspace_id for chat in conversations}
    workspaces = [w for w in library.workspaces if w.workspace_id in used]
    notes = [await library.shelf.notes.read(workspace_owner(w.workspace_id)) for w in workspaces]
    # All folders of these workspaces: a folder names the one it lies in.
    folders = [f for f in library.folders.folders if f.workspace_id in used]
    mixed = {e.adapter_id for w in workspaces for e in w.adapters.entries}
    adapters = [s.adapter for s in library.adapters.shelves if s.adapter.adapter_id in mixed]
    noted = list(zip(workspaces, notes, strict=True))
    return header_values(__version__, time.time(), noted, folders, adapters)


def _frame(header: dict[str, Any]) -> tuple[bytes, bytes]:
    """What stands before and behind the conversations."""
    head = msgspec.json.format(msgspec.json.encode(header), indent=1).removesuffix(b"\n}")
    return head + f',\n "{CONVERSATIONS}": ['.encode(), b"\n]}\n"


def _encoded(tree: Any) -> bytes:
    return msgspec.json.encode(conversation_values(tree))
