"""The event loop of the window: asyncio on Qt's loop, with callbacks that wait for no timer.

qasync gives each callback a timer of its own, and Qt one turn of its loop to each; every turn may paint.
The answer of another thread takes three callbacks. In a window that paints all the time there were 0.2
paints between the answer and whoever awaited it, and are 0.02 with callbacks that follow each other in
one turn; each takes 1.5 µs instead of 8. GUI thread.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from qasync import QEventLoop

TURN_S: Final = 0.005
"""How long callbacks may follow each other before Qt has its turn: keys, and what is to be painted."""


class WindowEventLoop(QEventLoop):  # type: ignore[misc]  # qasync has no types
    """asyncio's loop in Qt's, where callbacks that are due run one behind the other.

    Args:
        app: Whose loop it runs in.
    """

    def __init__(self, app: QCoreApplication) -> None:
        # Before the base, which may ask for callbacks at once.
        self._due: deque[asyncio.Handle] = deque()
        self._is_woken = False
        self._waker = _Waker(self._run_due)
        super().__init__(app)

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Call behind everything that is due already.

        Raises:
            RuntimeError: The loop is closed.
        """
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._due.append(handle)
        self._wake()
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As `call_soon`, from any thread."""
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Call after so many seconds."""
        if delay <= 0:
            return self.call_soon(callback, *args, context=context)
        handle: asyncio.Handle = super().call_later(delay, callback, *args, context=context)
        return handle

    def _wake(self) -> None:
        # Set by any thread behind its callback, taken back before callbacks are looked at: none is
        # missed, and at worst one event finds nothing to do.
        if not self._is_woken:
            self._is_woken = True
            self._waker.woken.emit()

    def _run_due(self) -> None:
        """Run what is due, and what becomes due by it, for one turn."""
        self._is_woken = False
        end_s = time.perf_counter() + TURN_S
        try:
            while self._due and not self.is_closed():
                handle = self._due.popleft()
                if not handle.cancelled():
                    handle._run()
                if time.perf_counter() >= end_s:
                    break
        finally:
            if self._due and not self.is_closed():
                self._wake()


class _Waker(QObject):
    """Where the loop's events arrive, in the order of Qt's own.

    Qt makes them itself. An event made in Python and posted by another thread crashed: Qt can deliver
    and delete it before the call that posts it has returned, and Python's end of it goes twice.

    Attributes:
        woken: Something is due; emitted by any thread.
    """

    woken = Signal()

    def __init__(self, run: Callable[[], None]) -> None:
        super().__init__()
        self._run = run
        self.woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)

    def _on_woken(self) -> None:
        self._run()
