"""Runs a function in a thread of its own and stops it when its time is up.

The only way to end Python code that does not cooperate: an exception raised in its thread. The
thread is its own so that a late exception hits nobody else.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_RAISE_AGAIN_S = 0.01
_GRACE_S = 0.4


class DeadlineReached(BaseException):
    """Raised in the thread that ran too long; no `except Exception` can swallow it."""


def run_with_deadline(work: Callable[[], T], deadline_s: float) -> T:
    """The result of `work`, computed in a new thread.

    Args:
        work: Runs Python code; single calls into C are not interrupted.
        deadline_s: Seconds it may take.

    Raises:
        DeadlineReached: It took longer. If it does not end on the exception either, the thread
            is left behind.
    """
    thread: _WorkThread[T] = _WorkThread(work)
    thread.start()
    thread.join(deadline_s)
    for _ in range(round(_GRACE_S / _RAISE_AGAIN_S)):
        if not thread.is_alive():
            break
        # Code that swallows the exception gets it again.
        if not thread.is_done and thread.ident is not None:
            _raise_in_thread(thread.ident)
        thread.join(_RAISE_AGAIN_S)
    if thread.error is not None:
        raise thread.error
    if not thread.is_done:
        raise DeadlineReached
    return thread.results[0]


class _WorkThread(threading.Thread, Generic[T]):
    """Runs one function; keeps its result or its exception."""

    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__(name="deadline", daemon=True)
        self._work = work
        self.results: list[T] = []
        self.error: BaseException | None = None
        self.is_done = False

    def run(self) -> None:
        try:
            try:
                self.results.append(self._work())
            except BaseException as error:  # noqa: BLE001  (handed to the thread that waits)
                self.error = error
            self.is_done = True
        except DeadlineReached:
            # It came between the end of the work and the line that says so.
            self.is_done = bool(self.results)


def _raise_in_thread(thread_id: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread_id), ctypes.py_object(DeadlineReached)
    )
