"""Databases in a temporary folder, and records to put into them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    ConversationId,
    Message,
    MessageId,
    MessageState,
)

_ResultT = TypeVar("_ResultT")


def database_path(folder: Path) -> Path:
    """Where the tests keep the database of a data folder."""
    return folder / "data" / "realm.sqlite3"


@contextlib.asynccontextmanager
async def open_store(folder: Path) -> AsyncIterator[ConversationStore]:
    """A store over the database of `folder`, closed at the end."""
    database = await asyncio.to_thread(Database.open, database_path(folder))
    try:
        yield ConversationStore(database)
    finally:
        database.close()


def with_store(folder: Path, work: Callable[[ConversationStore], Awaitable[_ResultT]]) -> _ResultT:
    """Run `work` with a store that is opened before and closed behind it."""

    async def run() -> _ResultT:
        async with open_store(folder) as store:
            return await work(store)

    return asyncio.run(run())


def make_conversation(
    conversation_id: str = "c1",
    title: str = "",
    workspace_id: WorkspaceId = GENERAL_WORKSPACE_ID,
    **fields: Any,
) -> Conversation:
    """A conversation made at second 100."""
    made = Conversation(ConversationId(conversation_id), workspace_id, title, 100.0, 100.0)
    return replace(made, **fields)


def make_message(
    message_id: str, parent_id: str | None = None, content: str = "", **fields: Any
) -> Message:
    """A complete user message of conversation "c1", made at second 100."""
    made = Message(
        message_id=MessageId(message_id),
        conversation_id=ConversationId("c1"),
        parent_id=None if parent_id is None else MessageId(parent_id),
        role="user",
        content=content,
        state=MessageState.COMPLETE,
        created_s=100.0,
    )
    return replace(made, **fields)


def make_reply(
    message_id: str, parent_id: str | None = None, content: str = "", **fields: Any
) -> Message:
    """A complete reply of conversation "c1"."""
    return make_message(message_id, parent_id, content, **{"role": "assistant", **fields})
