"""Waiting until a window can be seen, so that slower work begins only after that. GUI thread."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


async def show_painted(window: QWidget, limit_s: float) -> None:
    """Show a window and wait until it was painted, but no longer than `limit_s` seconds."""
    paint = _FirstPaint(window)
    window.show()
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await paint.happened.wait()
    window.removeEventFilter(paint)


class _FirstPaint(QObject):
    """Notices the first time a window is painted."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.happened = asyncio.Event()
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the paint, hold nothing up."""
        if event.type() == QEvent.Type.Paint:
            self.happened.set()
        return super().eventFilter(watched, event)
