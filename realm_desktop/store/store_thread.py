"""The thread that all work on the database is done in: what somebody waits for goes first.

Knows nothing of SQLite. `submit` and `submit_behind` may be called from any thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

_WorkT = TypeVar("_WorkT")
_ResultT = TypeVar("_ResultT")


class _Job(NamedTuple):
    """Something to do, and who waits for it."""

    call: Callable[[], Any]
    future: Future[Any]


class StoreThread(Generic[_WorkT]):
    """One thread with two queues, each in its order.

    A message that a user sends must not stand in line behind the journals of eight replies, each with a
    commit of its own that waits for the disk.

    Args:
        do_together: Does everything that waits behind at once, in the thread; all of it or nothing.
    """

    def __init__(self, do_together: Callable[[Sequence[_WorkT]], None]) -> None:
        self._do_together = do_together
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._first: deque[_Job] = deque()
        self._behind: deque[tuple[_WorkT, Future[None]]] = deque()

    def submit(self, call: Callable[[], _ResultT]) -> Future[_ResultT]:
        """Do this after what was submitted so before.

        Raises:
            RuntimeError: The thread has ended.
        """
        future: Future[_ResultT] = Future()
        self._first.append(_Job(call, future))
        self._executor.submit(self._turn)
        return future

    def submit_behind(self, work: _WorkT) -> Future[None]:
        """Do this once nothing else waits, together with everything else of this kind.

        Raises:
            RuntimeError: The thread has ended.
        """
        future: Future[None] = Future()
        self._behind.append((work, future))
        self._executor.submit(self._turn)
        return future

    def end(self, last: Callable[[], object]) -> None:
        """Do all that was submitted, then `last`, and end the thread.

        Raises:
            RuntimeError: It ended before.
        """
        # Each job has a turn of its own in the executor's queue, so this comes after the last of them.
        ending = self._executor.submit(last)
        self._executor.shutdown()
        ending.result()

    def _turn(self) -> None:
        """Store thread: the next job that somebody waits for, else all of the others."""
        if self._first:
            job = self._first.popleft()
            if job.future.set_running_or_notify_cancel():
                _settle(job.call, [job.future])
            return
        waiting = [self._behind.popleft() for _ in range(len(self._behind))]
        wanted = [pair for pair in waiting if pair[1].set_running_or_notify_cancel()]
        if wanted:
            works, futures = zip(*wanted, strict=True)
            _settle(partial(self._do_together, works), futures)


def _settle(call: Callable[[], Any], futures: Sequence[Future[Any]]) -> None:
    """Call, and tell everybody who waits how it ended."""
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001  # as an executor does: whoever waits gets it
        for future in futures:
            future.set_exception(error)
    else:
        for future in futures:
            future.set_result(result)
