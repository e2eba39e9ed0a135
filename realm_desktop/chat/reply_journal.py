"""Writes an open reply to the journal while it streams: at least every second or 64 tokens.

Belongs to the GUI thread; the disk work happens on the store thread, one write at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from realm_desktop.errors import StoreError
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import MessageId

logger = logging.getLogger(__name__)

JOURNAL_INTERVAL_S = 1.0
JOURNAL_TOKENS = 64


class ReplyJournal:
    """The token ids of one open reply, and the writes that keep them and its text.

    A failed write is repeated with the next one: everything stays in memory. Owned by a
    `RunningReply`.

    Args:
        store: Where the journal is.
        message_id: The reply.
        read_content: Gives its whole text so far; asked once per write.
        token_ids: Those of an earlier attempt that it continues.

    Attributes:
        token_ids: All completion tokens so far.
    """

    def __init__(
        self,
        store: ConversationStore,
        message_id: MessageId,
        read_content: Callable[[], str],
        token_ids: Sequence[int] = (),
    ) -> None:
        self.token_ids = list(token_ids)
        self._store = store
        self._message_id = message_id
        self._read_content = read_content
        self._num_written = len(self.token_ids)
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    def add(self, token_ids: Sequence[int]) -> None:
        """Take in new tokens, whose text is in the content; a write follows soon."""
        self.token_ids.extend(token_ids)
        if len(self.token_ids) - self._num_written >= JOURNAL_TOKENS:
            self._write_soon()
        else:
            self._start_timer()

    def close(self) -> None:
        """Start no further write, and give up one that still waits."""
        self._is_closed = True
        self._cancel_timer()
        if self._task is not None:
            # Not awaited: the end of the reply holds all of it, and whoever pressed Stop waits for that.
            self._task.cancel()

    def _start_timer(self) -> None:
        if self._timer is None and not self._is_closed:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(JOURNAL_INTERVAL_S, self._write_soon)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write_soon(self) -> None:
        self._cancel_timer()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        num_tokens = len(self.token_ids)
        try:
            await self._store.journal_reply(
                self._message_id, self._read_content(), tuple(self.token_ids)
            )
        except StoreError as error:
            logger.warning("the journal of a reply was not written: %s", error)
        else:
            self._num_written = num_tokens
        if len(self.token_ids) > self._num_written:
            self._start_timer()
