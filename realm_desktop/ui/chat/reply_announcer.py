"""Reads a reply that is being written to screen readers: by sentences, never by tokens.

The message list names every message whole; this is for those who wait for the reply. GUI thread.
"""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QModelIndex, QObject
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget

from realm_desktop.store.records import Message, MessageId, MessageState
from realm_desktop.thinking import ThinkingSplitter
from realm_desktop.ui.chat.message_list_model import MessageListModel
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.widgets.announcement import announce

MAX_SILENT: Final = 400
"""Characters without the end of a sentence, after which a part of one is read."""

# Chinese and Japanese write the next sentence without a space before it.
_END: Final = re.compile(r"[.!?…][\"'”\u2019)\]*_]*\s+|[。\uff01\uff1f][」』”]*\s*|\n+")
_BREAK: Final = re.compile(r"\s\S*$")


class ReplyAnnouncer(QObject):
    """Follows the last message of a list while the widget that shows it is visible.

    Args:
        model: Tells of new text at most 30 times a second.
        view: What the screen reader connects the words with; owns this object.
    """

    def __init__(self, model: MessageListModel, view: QWidget) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._message_id: MessageId | None = None
        self._num_read = 0
        self._splitter = ThinkingSplitter()
        model.dataChanged.connect(self._on_changed)

    def _on_changed(self, _first: QModelIndex, last: QModelIndex) -> None:
        row = last.row()
        # Without a screen reader, and behind another tab, a reply costs nothing here.
        if row != self._model.rowCount() - 1 or not QAccessible.isActive():
            return
        message = self._model.message(row)
        if message.role != "assistant":
            return
        is_streaming = message.state is MessageState.STREAMING
        if message.message_id != self._message_id:
            self._follow(message, is_streaming=is_streaming)
        # Thoughts are not read: whoever listens waits for the answer.
        answer = self._splitter.split(message.content, is_open=is_streaming).answer
        if not self._view.isVisible():
            self._num_read = len(answer)
            return
        end = _last_end(answer, self._num_read) if is_streaming else len(answer)
        text = answer[self._num_read : end].strip()
        self._num_read = max(self._num_read, end)
        announce(self._view, text)
        if message.state is MessageState.FAILED and message.error is not None:
            announce(self._view, spoken(message.error.message))

    def _follow(self, message: Message, *, is_streaming: bool) -> None:
        """Begin with another message; what was there before someone listened is not read."""
        self._message_id = message.message_id
        num_written = len(self._splitter.split(message.content, is_open=is_streaming).answer)
        self._num_read = 0 if is_streaming and num_written < MAX_SILENT else num_written


def _last_end(text: str, start: int) -> int:
    """Where the last whole sentence behind `start` ends; `start` if none does."""
    ends = [found.end() for found in _END.finditer(text, start) if found.end() < len(text)]
    if ends:
        return ends[-1]
    if len(text) - start <= MAX_SILENT:
        return start
    # Never in the middle of a word: a tail of letters may still grow.
    cut = _BREAK.search(text, start)
    return len(text) if cut is None else cut.start()
