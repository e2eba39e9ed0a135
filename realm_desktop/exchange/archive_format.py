"""The JSON form of chats: which fields a file has, and how records become plain values.

Every field of a record is written under its own name, so a file says what the app knows. Lossless:
all versions and branches, settings, mixes, sampling, stars, tokens.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from realm_desktop.store.records import Conversation, Folder, KnownAdapter, Workspace
from realm_desktop.store.trees import Tree

FORMAT: Final = "realm-desktop-chats"
VERSION: Final = 1
"""Of the format; a reader refuses files of a later one."""

CONVERSATIONS: Final = "conversations"
WORKSPACES: Final = "workspaces"
FOLDERS: Final = "folders"
ADAPTERS: Final = "adapters"
MESSAGES: Final = "messages"
TOKEN_IDS: Final = "token_ids"
NOTES: Final = "notes"


def header_values(
    app_version: str,
    exported_s: float,
    workspaces: list[tuple[Workspace, str]],
    folders: list[Folder],
    adapters: list[KnownAdapter],
) -> dict[str, Any]:
    """What stands in a file before its conversations.

    Workspaces come with their notes; of an adapter there is only its name and id.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "app_version": app_version,
        "exported_s": exported_s,
        WORKSPACES: [with_notes(workspace, notes) for workspace, notes in workspaces],
        FOLDERS: msgspec.to_builtins(folders),
        ADAPTERS: [{"adapter_id": a.adapter_id, "name": a.name} for a in adapters],
    }


def conversation_values(tree: Tree) -> dict[str, Any]:
    """A conversation with its messages and notes as plain values."""
    messages = []
    for stored in tree.messages:
        values = msgspec.to_builtins(stored.message)
        del values["conversation_id"]  # that of the conversation it stands in
        if stored.token_ids:
            values[TOKEN_IDS] = list(stored.token_ids)
        messages.append(values)
    return {**with_notes(tree.conversation, tree.notes), MESSAGES: messages}


def with_notes(owner: Workspace | Conversation, notes: str) -> dict[str, Any]:
    """A record as plain values; without notes it has no field for them, as in files of before."""
    values: dict[str, Any] = msgspec.to_builtins(owner)
    return {**values, NOTES: notes} if notes else values
