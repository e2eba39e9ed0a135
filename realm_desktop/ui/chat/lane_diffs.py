"""Keeps the word diffs of lanes up to date: computed in another thread, a few times a second.

GUI thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from realm_desktop.chat.word_diff import word_diff
from realm_desktop.ui.chat.blocks import TextBlock
from realm_desktop.ui.chat.diff_blocks import diff_blocks
from realm_desktop.ui.task_keeper import TaskKeeper

UPDATE_MS: Final = 250
"""A diff of two long replies takes tens of milliseconds, and the eye needs longer."""


@dataclass(frozen=True, slots=True)
class DiffInput:
    """Two texts to compare.

    Attributes:
        is_base_open, is_text_open: More of it may come.
    """

    base: str
    text: str
    is_base_open: bool = False
    is_text_open: bool = False

    def blocks(self) -> tuple[TextBlock, ...]:
        """The diff as paragraphs; may take some 100 ms."""
        pieces = word_diff(
            self.base, self.text, is_base_open=self.is_base_open, is_text_open=self.is_text_open
        )
        return diff_blocks(pieces)


class LaneDiffs(QObject):
    """One diff for each lane, the latest wanted.

    Attributes:
        ready: Lane id, and the paragraphs.
    """

    ready = Signal(int, object)

    def __init__(self, tasks: TaskKeeper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._wanted: dict[int, DiffInput] = {}
        self._shown: dict[int, DiffInput] = {}
        self._is_working = False

    def want(self, lane_id: int, texts: DiffInput) -> None:
        """Have the diff of a lane computed unless it is shown; of inputs that pile up, the last."""
        if self._shown.get(lane_id) == texts:
            self._wanted.pop(lane_id, None)
            return
        self._wanted[lane_id] = texts
        if not self._is_working:
            self._is_working = True
            self._tasks.start(self._work())

    def forget(self, lane_id: int) -> None:
        """The diff of a lane is not shown any more."""
        self._wanted.pop(lane_id, None)
        self._shown.pop(lane_id, None)

    async def _work(self) -> None:
        try:
            while self._wanted:
                lane_id, texts = next(iter(self._wanted.items()))
                del self._wanted[lane_id]
                # The map is changed only here and by `forget`, which must win over a late diff.
                self._shown[lane_id] = texts
                blocks = await asyncio.to_thread(texts.blocks)
                if self._shown.get(lane_id) == texts:
                    self.ready.emit(lane_id, blocks)
        finally:
            self._is_working = False
