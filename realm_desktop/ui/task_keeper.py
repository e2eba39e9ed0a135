"""Keeps the asyncio tasks that the window starts, and reports those that fail.

A task without a reference may vanish, and its exception with it. GUI thread, on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from realm_desktop.errors import RealmError
from realm_desktop.events import ErrorInfo

logger = logging.getLogger(__name__)


class TaskKeeper(QObject):
    """Owner of the window's background work.

    Attributes:
        failed: What went wrong, as an `ErrorInfo` in sentences for the user.
    """

    failed = Signal(ErrorInfo)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Run `work` on the event loop; an error of it is logged and told by `failed`."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    @property
    def can_start(self) -> bool:
        """Whether the event loop runs; a window can outlive it for a moment."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        return True

    @property
    def num_running(self) -> int:
        """How much work is not done yet."""
        return len(self._tasks)

    async def finish(self, timeout_s: float) -> None:
        """Wait for all work; what takes longer than `timeout_s` is cancelled."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(tuple(self._tasks), timeout=timeout_s)
        for task in late:
            task.cancel()

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        told = ErrorInfo.of(error)
        if isinstance(error, RealmError):
            logger.warning("%s: %s", error.kind, error)
        else:
            logger.error("a task of the window failed", exc_info=error)
            text = self.tr("Something went wrong inside Realm Desktop: {}").format(error)
            told = replace(told, message=text, advice=self.tr("The log has the details."))
        self.failed.emit(told)
