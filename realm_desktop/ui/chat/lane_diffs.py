"""Keeps the word diffs of lanes up to date: computed in another thread, a few times a second.

GUI thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from realm_desktop.chat.word_diff import WordDiff
from realm_desktop.ui.chat.blocks import TextBlock
from realm_desktop.ui.chat.diff_blocks import diff_blocks
from realm_desktop.ui.task_keeper import TaskKeeper

UPDATE_MS: Final = 250
"""The eye needs longer, and every diff takes time from what paints it."""


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

    def advance(self, diff: WordDiff, *, is_first: bool) -> tuple[TextBlock, ...] | None:
        """Compare some milliseconds; the diff as paragraphs once it is there, None before."""
        if is_first:
            diff.take(
                self.base,
                self.text,
                is_base_open=self.is_base_open,
                is_text_open=self.is_text_open,
            )
        return None if diff.step() else diff_blocks(diff.pieces())


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
        self._diffs: dict[int, WordDiff] = {}
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
        self._diffs.pop(lane_id, None)

    async def _work(self) -> None:
        try:
            while self._wanted:
                lane_id, texts = next(iter(self._wanted.items()))
                del self._wanted[lane_id]
                # The map is changed only here and by `forget`, which must win over a late diff.
                self._shown[lane_id] = texts
                blocks = await self._compared(lane_id, texts)
                if self._shown.get(lane_id) == texts:
                    self.ready.emit(lane_id, blocks)
        finally:
            self._is_working = False

    async def _compared(self, lane_id: int, texts: DiffInput) -> tuple[TextBlock, ...]:
        # In short pieces: a thread that computes holds the interpreter, and every call of Qt that
        # lets go of it for a moment would wait for it again.
        diff = self._diffs.setdefault(lane_id, WordDiff())
        blocks = await asyncio.to_thread(texts.advance, diff, is_first=True)
        while blocks is None:
            blocks = await asyncio.to_thread(texts.advance, diff, is_first=False)
        return blocks
