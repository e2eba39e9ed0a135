"""Which stretches of the visible text are marked as hits. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from realm_desktop.ui.chat.blocks import Block
from realm_desktop.ui.chat.box import Box
from realm_desktop.ui.chat.find_query import FindQuery, Found, block_texts
from realm_desktop.ui.chat.message_document import MessageDocument
from realm_desktop.ui.chat.message_item import MessageItem
from realm_desktop.ui.chat.text_layout import Mark

_MAX_KNOWN: Final = 500

_Spans = list[list[tuple[int, int]]]


class FindMarks:
    """The hits of a view, found for the boxes that are painted.

    Attributes:
        current: Row and place of the hit that the user is at.
    """

    def __init__(self) -> None:
        self.current: tuple[int, Found] | None = None
        self._query = FindQuery("")
        # A frame paints a screenful of boxes, a caret or a hover among them the same one again.
        self._known: dict[int, tuple[Block, _Spans]] = {}

    def set_query(self, query: FindQuery) -> None:
        """Mark something else; no text marks nothing."""
        self._query = query
        self.current = None
        self._known.clear()

    def of_row(self, row: int, item: MessageItem) -> Callable[[int, Box], Sequence[Mark]] | None:
        """What gives the marks of each box of a row; None without a query."""
        return partial(self._of_box, row, item) if self._query.text else None

    def _of_box(self, row: int, item: MessageItem, number: int, box: Box) -> Sequence[Mark]:
        # A thought is painted with the same brush, and counts its boxes from 0 as well.
        in_thought = _has(item.thought.document, number, box)
        if not in_thought and not _has(item.document, number, box):
            return ()
        marks = []
        for part, spans in enumerate(self._spans(box.block)):
            for (start, end), place in zip(spans, box.places(part, spans), strict=True):
                found = Found(number, part, start, end, in_thought)
                is_current = self.current == (row, found)
                marks.append(Mark(place.start, place.end, is_current))
        return marks

    def _spans(self, block: Block) -> _Spans:
        known = self._known.get(id(block))
        if known is not None and known[0] is block:
            return known[1]
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        spans = [self._query.spans(text) for text in block_texts(block)]
        # The block is kept with them: the id of one that is gone can be given to another.
        self._known[id(block)] = (block, spans)
        return spans


def _has(document: MessageDocument, number: int, box: Box) -> bool:
    return number < len(document.boxes) and document.boxes[number] is box
