"""Work of the chat room that nobody awaits: kept alive, its failures told, waited for at the end.

Belongs to the GUI thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine


class BackgroundTasks:
    """Tasks of one owner.

    Args:
        on_error: Called with what a task raised; a cancelled one is no failure.
    """

    def __init__(self, on_error: Callable[[BaseException], None]) -> None:
        self._on_error = on_error
        # The event loop itself keeps only weak references.
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[object, object, None]) -> None:
        """Run `work` in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def cancel(self) -> None:
        """Ask every task to end; `finish` waits until they did."""
        for task in tuple(self._tasks):
            task.cancel()

    async def finish(self) -> None:
        """Wait for the tasks that run now."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._on_error(error)
