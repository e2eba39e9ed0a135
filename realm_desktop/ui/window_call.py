"""How a second start asks the first one to show its window: by writing into a file it watches.

What it writes begins with a mark; the path of a model to open may follow.

A file and no socket: nothing listens, and only who may write the data folder can ask. GUI thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

logger = logging.getLogger(__name__)

_POLL_S = 0.02
_MARK = b"1"


class WindowCall(QObject):
    """The first start's end.

    Attributes:
        called: Another start asks for the window, and for a model to be loaded: its path, or "".
    """

    called = Signal(str)

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        try:
            path.write_bytes(b"")
        except OSError as error:
            logger.warning("a second start cannot call this window: %s", error)
            return
        self._watcher = QFileSystemWatcher([str(path)], self)
        self._watcher.fileChanged.connect(self._on_changed)

    def _on_changed(self) -> None:
        with suppress(OSError):
            asked = self._path.read_bytes()
            if asked:
                self._path.write_bytes(b"")  # the answer
                self.called.emit(os.fsdecode(asked.removeprefix(_MARK)))


async def call_window(path: Path, patience_s: float, model: Path | None = None) -> bool:
    """Ask the window that watches `path` to show itself and load a model; whether it answered in time."""
    with suppress(OSError, TimeoutError):
        _ask(path, b"" if model is None else os.fsencode(model))
        async with asyncio.timeout(patience_s):
            while _is_unanswered(path):  # noqa: ASYNC110  # another process empties the file
                await asyncio.sleep(_POLL_S)
        return True
    return False


def _ask(path: Path, model: bytes) -> None:
    path.write_bytes(_MARK + model)


def _is_unanswered(path: Path) -> bool:
    return path.stat().st_size > 0
