"""Stores replies that ended; keeps those that the disk refuses and tries again until it takes them.

Belongs to the GUI thread; the disk work happens on the store thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from realm_desktop.errors import StoreError
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Message, MessageId

logger = logging.getLogger(__name__)

RETRY_INTERVAL_S = 2.0


class ReplySaver:
    """Replies on their way to the disk. Owned by a `ChatSession`.

    Args:
        store: Where they go.
        on_changed: Called when `error` changed.

    Attributes:
        error: Why a reply could not be stored; None when everything is.
    """

    def __init__(self, store: ConversationStore, on_changed: Callable[[], None]) -> None:
        self.error: StoreError | None = None
        self._store = store
        self._on_changed = on_changed
        self._unsaved: dict[MessageId, tuple[Message, tuple[int, ...]]] = {}
        # Replies of several lanes end at once; a second writer would store one of them twice.
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def save(self, message: Message, token_ids: tuple[int, ...]) -> None:
        """Store an ended reply, now or as soon as the disk takes it."""
        self._unsaved[message.message_id] = (message, token_ids)
        await self._save_all()
        if self._unsaved and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._retry())

    async def close(self) -> None:
        """Try one last time and give up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._save_all()
        if self._unsaved:
            logger.error("%d replies could not be saved", len(self._unsaved))

    async def _retry(self) -> None:
        while self._unsaved:
            await asyncio.sleep(RETRY_INTERVAL_S)
            await self._save_all()

    async def _save_all(self) -> None:
        async with self._lock:
            await self._save_all_locked()

    async def _save_all_locked(self) -> None:
        before = self.error
        try:
            for message_id, (message, token_ids) in tuple(self._unsaved.items()):
                await self._store.update_message(message, token_ids)
                del self._unsaved[message_id]
        except StoreError as error:
            self.error = error
        else:
            self.error = None
        if (before is None) != (self.error is None):
            self._on_changed()
