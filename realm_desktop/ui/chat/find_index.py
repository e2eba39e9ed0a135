"""How often a query stands in each message of a chat, found in bounded pieces.

No message is laid out for it: one far from the view is parsed, and only if its source can have hits.
GUI thread.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from realm_desktop.store.records import Message, MessageId
from realm_desktop.ui.chat.find_query import FindQuery, Found, block_texts
from realm_desktop.ui.chat.message_document import MessageDocument
from realm_desktop.ui.chat.message_item import MessageItem
from realm_desktop.ui.chat.message_list_model import MessageListModel
from realm_desktop.ui.chat.message_scroller import MessageScroller

MAX_ROWS_PER_PIECE: Final = 200
_MAX_KNOWN: Final = 16 * 1024 * 1024
"""Characters of parsed texts that are kept for the next letter of the query."""

_Texts = tuple[tuple[str, ...], ...]
"""The texts of each block."""


class FindIndex:
    """The hits of one query.

    Attributes:
        counts: Of each row; None where it was not looked yet.
        num_parsed: Messages that were parsed for this, since the index was made.
    """

    def __init__(self, model: MessageListModel, view: MessageScroller) -> None:
        self.counts: list[int | None] = []
        self.num_parsed = 0
        self._model = model
        self._view = view
        self._query = FindQuery("")
        self._waiting: deque[int] = deque()
        self._open: tuple[int, MessageItem] | None = None
        # As written, and as shown: what the message thought, and its answer.
        self._known: dict[MessageId, tuple[str, _Texts, _Texts]] = {}
        self._num_known = 0

    @property
    def is_done(self) -> bool:
        """Whether every message was looked at."""
        return not self._waiting

    @property
    def total(self) -> int:
        """Hits so far."""
        return sum(filter(None, self.counts))

    def num_before(self, row: int) -> int:
        """Hits so far in the rows above one."""
        return sum(filter(None, self.counts[:row]))

    def search(self, query: FindQuery, first_row: int) -> None:
        """Look for something else, from a row on and round the end."""
        self._query = query
        num_rows = self._model.rowCount() if query.text else 0
        self.counts = [None] * num_rows
        first = min(max(first_row, 0), num_rows)
        self._waiting = deque([*range(first, num_rows), *range(first)])
        self._open = None

    def look_again(self, row: int) -> None:
        """The text of a row may be another one."""
        if self._query.text:
            self.counts.extend([None] * (row + 1 - len(self.counts)))
            if self._open is not None and self._open[0] == row:
                self._open = None
            if row not in self._waiting:
                self._waiting.append(row)

    def forget_texts(self) -> None:
        """Give the memory of the parsed texts back."""
        self._known.clear()
        self._num_known = 0

    def work(self, budget_s: float) -> None:
        """Go on for about this time, by at most `MAX_ROWS_PER_PIECE` rows."""
        end_s = time.perf_counter() + budget_s
        for _ in range(min(len(self._waiting), MAX_ROWS_PER_PIECE)):
            row = self._waiting.popleft()
            if not self._look(row, end_s):
                # One that is still being parsed goes on first; one that the view parses, last.
                is_own = self._open is not None
                self._waiting.appendleft(row) if is_own else self._waiting.append(row)
            if time.perf_counter() >= end_s:
                break

    def hits(self, row: int) -> list[Found]:
        """The hits of a row that was looked at."""
        known = self._known.get(self._model.message(row).message_id)
        if known is None:
            return []
        in_thought = self._query.find(known[1], in_thought=True)
        return [*in_thought, *self._query.find(known[2])]

    def _look(self, row: int, end_s: float) -> bool:
        """Count the hits of a row; False if its text is not parsed yet."""
        message = self._model.message(row)
        if not self._query.may_stand_in(message.content):
            self.counts[row] = 0
            return True
        known = self._known.get(message.message_id)
        shown = self._view.item(row)
        if shown is not None and (shown.thought.is_empty or shown.thought.is_expanded):
            # What is seen decides, as it is what gets the marks.
            if shown.has_work:
                return False
            self._keep(message, shown)
        elif known is None or known[0] != message.content:
            item = self._parse(row, end_s)
            if item is None:
                return False
            self._keep(message, item)
        self.counts[row] = len(self.hits(row))
        return True

    def _parse(self, row: int, end_s: float) -> MessageItem | None:
        """A row's item, parsed; None if that takes longer than the time there is."""
        if self._open is None or self._open[0] != row:
            self._open = (row, self._view.new_item(row))
            self.num_parsed += 1
        item = self._open[1]
        while item.has_work:
            item.work(0.0)
            if time.perf_counter() >= end_s and item.has_work:
                return None
        self._open = None
        return item

    def _keep(self, message: Message, item: MessageItem) -> None:
        if self._num_known > _MAX_KNOWN:
            self.forget_texts()
        message_id, content = message.message_id, message.content
        before = self._known.get(message_id)
        self._num_known += len(content) - (0 if before is None else len(before[0]))
        self._known[message_id] = (content, _texts(item.thought.document), _texts(item.document))


def _texts(document: MessageDocument) -> _Texts:
    return tuple(block_texts(box.block) for box in document.boxes)
