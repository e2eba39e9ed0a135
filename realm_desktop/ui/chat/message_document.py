"""The content of one message as boxes: made, laid out and drawn only where it is seen.

A message of a megabyte is several hundred boxes of which a screenful has a layout; the others have
an estimated height. GUI thread.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from realm_desktop.ui.chat.blocks import Block, CodeBlock, RuleBlock, TableBlock, TextBlock
from realm_desktop.ui.chat.box import Box, Hit, Painting, Part
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.code_box import CodeBox
from realm_desktop.ui.chat.display_text import utf16_length, utf16_slice
from realm_desktop.ui.chat.markdown import MarkdownParser, plain_blocks
from realm_desktop.ui.chat.markdown_stream import MarkdownStream
from realm_desktop.ui.chat.table_box import TableBox
from realm_desktop.ui.chat.text_box import RuleBox, TextBox
from realm_desktop.ui.chat.text_layout import Selected

_HEADING_GAP_PX = 20
_QUOTE_BAR_PX = 2
_CARET_PX = (7, 16)


class TextPosition(NamedTuple):
    """A place in a message: a box, and 16-bit units into its text."""

    box: int
    position: int


class Selection(NamedTuple):
    """Selected text of one message, in order; of its thought or of its answer."""

    start: TextPosition
    end: TextPosition
    in_thought: bool = False


class DocumentHit(NamedTuple):
    """What is at a point: which box, and what of it; of the thought or of the answer."""

    box: int
    hit: Hit
    in_thought: bool = False


class MessageDocument:
    """Boxes of one message; owned by its item.

    Attributes:
        width: The boxes are laid out for, px.
        is_folding: Long code begins folded; off for a reply that was watched as it came.
    """

    def __init__(self, style: ChatStyle, parser: MarkdownParser, *, is_plain: bool) -> None:
        self.width = 0.0
        self.is_folding = True
        self._style = style
        self._is_plain = is_plain
        self._stream = MarkdownStream(parser)
        self._boxes: list[Box] = []
        self._num_frozen = 0
        self._generation = 0
        self._tops: list[float] = [0.0]
        self._plain_source: str | None = None
        # Code that was seen and waits for colours.
        self._uncoloured: list[CodeBox] = []

    @property
    def boxes(self) -> list[Box]:
        """The boxes in order."""
        return self._boxes

    @property
    def height(self) -> float:
        """Of all boxes, estimates included; px."""
        return self._tops[-1]

    @property
    def has_work(self) -> bool:
        """Whether anything is left to parse or to colour."""
        if not self._is_plain and self._stream.has_more:
            return True
        return bool(self._uncoloured)

    def set_text(self, source: str, *, is_open: bool) -> None:
        """Take the whole text as it is now; `work` turns it into boxes."""
        if not self._is_plain:
            if is_open:
                self.is_folding = False
            self._stream.set_text(source, is_open=is_open)
        elif source != self._plain_source:
            self._plain_source = source
            self._boxes = [self._new_box(block) for block in plain_blocks(source)]
            self._measure(0)

    def set_blocks(self, blocks: Sequence[Block]) -> None:
        """Show these blocks instead of a text that is parsed."""
        self._is_plain = True
        self._plain_source = None
        same = 0
        for box, block in zip(self._boxes, blocks, strict=False):
            if box.block != block:
                break
            same += 1
        self._boxes[same:] = [self._new_box(block) for block in blocks[same:]]
        self._measure(same)

    def work(self, budget_s: float) -> bool:
        """Parse and colour for about this time; returns whether anything looks different."""
        end_s = time.perf_counter() + budget_s
        has_changed = False
        while not self._is_plain and self._stream.has_more:
            self._stream.advance()
            has_changed = True
            if time.perf_counter() >= end_s:
                break
        if has_changed:
            self._take_blocks()
        while self._uncoloured and time.perf_counter() < end_s:
            box = self._uncoloured[-1]
            has_changed |= box.colour(max(end_s - time.perf_counter(), 0.0))
            if box.is_coloured:
                self._uncoloured.pop()
        return has_changed

    def take_pictures(self) -> None:
        """Look again for pictures of formulas; `lay_out` follows."""
        for number, box in enumerate(self._boxes):
            if isinstance(box, TextBox | TableBox) and box.take_pictures():
                self._measure(number)

    def set_width(self, width: float) -> None:
        """Forget what was laid out for another width."""
        if width != self.width:
            self.width = width
            self._measure(0)

    def natural_width(self, limit: float) -> float:
        """Width that the text would like, at most `limit`; for bubbles."""
        widest = 0.0
        for box in self._boxes:
            if not isinstance(box, TextBox) or widest >= limit:
                return limit
            widest = max(widest, box.natural_width())
        return min(limit, widest)

    def lay_out(self, top: float, bottom: float) -> bool:
        """Lay out the boxes between two heights; returns whether any height changed."""
        number = self.box_at(top)
        has_changed = False
        while number < len(self._boxes) and self._tops[number] < bottom:
            box = self._boxes[number]
            if box.width != self.width:
                before = self._tops[number + 1] - self._tops[number] - self._gap(number)
                box.lay_out(self.width)
                if isinstance(box, CodeBox):
                    self._colour_soon(box)
                if box.height != before:
                    has_changed = True
                    self._measure(number)
            number += 1
        return has_changed

    def box_at(self, y: float) -> int:
        """The box at a height; the last one below the end."""
        return min(max(bisect_right(self._tops, y) - 1, 0), max(len(self._boxes) - 1, 0))

    def box_top(self, number: int) -> float:
        """Upper edge of a box, px."""
        return self._tops[number] + self._gap(number)

    def paint(
        self,
        painting: Painting,
        origin: QPointF,
        selection: Selection | None,
        hover: DocumentHit | None,
    ) -> None:
        """Draw the boxes inside the clip; `hover` is what the pointer is on."""
        first = self.box_at(painting.clip.top() - origin.y())
        for number in range(first, len(self._boxes)):
            top = origin.y() + self._tops[number]
            if top > painting.clip.bottom():
                break
            box = self._boxes[number]
            if box.width != self.width:
                continue
            is_hovered = hover is not None and hover.box == number
            painting.hovered = hover.hit.part if hover is not None and is_hovered else ""
            painting.selected = self._selected(selection, number)
            painting.marks = () if painting.marks_of is None else painting.marks_of(number, box)
            self._paint_quotes(painting.painter, number, origin)
            box.paint(painting, QPointF(origin.x(), top + self._gap(number)))

    def paint_caret(self, painter: QPainter, origin: QPointF) -> None:
        """Draw the caret behind the last character."""
        width, height = (self._style.px(side) for side in _CARET_PX)
        line_height = self._style.line_height("message")
        x, middle = 0.0, line_height / 2
        if self._boxes:
            end = self._boxes[-1].end_point()
            top = self.box_top(len(self._boxes) - 1)
            x, middle = min(end.x() + 2, max(self.width - width, 0)), top + end.y()
            last = self._boxes[-1]
            if isinstance(last, TextBox) and last.is_mirrored:
                x = max(end.x() - 2 - width, 0)
        corner = QPointF(round(origin.x() + x), round(origin.y() + middle - height / 2))
        painter.fillRect(
            QRectF(corner.x(), corner.y(), width, height), self._style.colour("accent")
        )

    def hit(self, point: QPointF) -> DocumentHit:
        """What is at a point, counted from the document's upper left corner."""
        if not self._boxes:
            return DocumentHit(0, Hit(0))
        number = min(self.box_at(point.y()), len(self._boxes) - 1)
        box = self._boxes[number]
        if box.width != self.width:
            return DocumentHit(number, Hit(0))
        return DocumentHit(number, box.hit(point - QPointF(0, self.box_top(number))))

    def press(self, number: int, part: Part) -> None:
        """Act on the fold or wrap button of a code box."""
        box = self._boxes[number]
        if not isinstance(box, CodeBox):
            return
        if part == "fold":
            box.fold(is_folded=False)
        elif part == "wrap":
            box.toggle_wrap()
        box.lay_out(self.width)
        self._measure(number)

    def scroll_box(self, number: int, distance: float) -> bool:
        """Move wide code or a wide table sideways; returns whether it moved."""
        box = self._boxes[number] if number < len(self._boxes) else None
        return isinstance(box, CodeBox | TableBox) and box.scroll(distance)

    def everything(self) -> Selection:
        """The selection of the whole text."""
        last = len(self._boxes) - 1
        end = utf16_length(self._boxes[last].text) if last >= 0 else 0
        return Selection(TextPosition(0, 0), TextPosition(max(last, 0), end))

    def selected_text(self, selection: Selection) -> str:
        """The selected text as it is shown, list markers included."""
        pieces: list[str] = []
        for number in range(selection.start.box, min(selection.end.box + 1, len(self._boxes))):
            box = self._boxes[number]
            selected = self._selected(selection, number)
            if selected is None:
                continue
            if pieces:
                pieces.append(self._separator(number))
            if selected.start == 0 and isinstance(box, TextBox) and box.block.place.marker:
                pieces.append(f"{box.block.place.marker} ")
            if isinstance(box, TextBox | TableBox):
                pieces.append(box.copied(selected.start, selected.end))
            else:
                pieces.append(utf16_slice(box.text, selected.start, selected.end))
        return "".join(pieces)

    def _take_blocks(self) -> None:
        """Boxes for the blocks of the stream; those that did not change are kept."""
        if self._stream.generation != self._generation:
            self._generation = self._stream.generation
            self._num_frozen = 0
        first_changed: int | None = None
        blocks = [*self._stream.frozen[self._num_frozen :], *self._stream.tail]
        for number, block in enumerate(blocks, self._num_frozen):
            if not self._keep_box(number, block) and first_changed is None:
                first_changed = number
        total = self._num_frozen + len(blocks)
        del self._boxes[total:]
        self._num_frozen = len(self._stream.frozen)
        self._measure(total if first_changed is None else first_changed)

    def _keep_box(self, number: int, block: Block) -> bool:
        """Use the box that is there if it fits the block; returns whether it stays as it was."""
        if number >= len(self._boxes):
            self._boxes.append(self._new_box(block))
            return False
        box = self._boxes[number]
        if box.block == block:
            return True
        if self._grow_box(box, block):
            return False
        self._boxes[number] = self._new_box(block)
        return False

    def _grow_box(self, box: Box, block: Block) -> bool:
        """Continue a box with a block of the same kind in the same place; whether it could."""
        if box.block.place != block.place:
            return False
        if isinstance(box, CodeBox) and isinstance(block, CodeBlock):
            if box.block.language != block.language:
                return False
            box.grow(block)
            if box.width:
                self._colour_soon(box)
            return True
        if isinstance(box, TableBox) and isinstance(block, TableBlock):
            box.grow(block)
            return True
        return False

    def _colour_soon(self, box: CodeBox) -> None:
        """Colour what takes no time now, the rest in `work`."""
        box.colour()
        if not box.is_coloured and box not in self._uncoloured:
            self._uncoloured.append(box)

    def _new_box(self, block: Block) -> Box:
        if isinstance(block, TextBlock):
            return TextBox(block, self._style)
        if isinstance(block, TableBlock):
            return TableBox(block, self._style)
        if isinstance(block, RuleBlock):
            return RuleBox(block, self._style)
        box = CodeBox(block, self._style)
        box.fold(is_folded=self.is_folding)
        return box

    def _measure(self, first: int) -> None:
        """Positions of the boxes from `first` on: exact where laid out, else estimated."""
        first = min(first, len(self._tops) - 1)
        del self._tops[first + 1 :]
        heights = (self._height(number) for number in range(first, len(self._boxes)))
        self._tops.extend(accumulate(heights, initial=self._tops.pop()))

    def _height(self, number: int) -> float:
        box = self._boxes[number]
        own = box.height if box.width == self.width else box.estimate(self.width)
        return own + self._gap(number)

    def _gap(self, number: int) -> float:
        """Space above a box, px."""
        if number == 0:
            return 0.0
        block = self._boxes[number].block
        if isinstance(block, TextBlock):
            if block.continues:
                return 0.0
            if 0 < block.level <= 2:
                return self._style.px(_HEADING_GAP_PX)
        is_below_text = isinstance(self._boxes[number - 1], TextBox)
        is_tight = block.place.is_tight and is_below_text
        return self._style.tight_gap if is_tight else self._style.gap

    def _selected(self, selection: Selection | None, number: int) -> Selected | None:
        """The part of the selection inside a box."""
        if selection is None or not selection.start.box <= number <= selection.end.box:
            return None
        start = selection.start.position if number == selection.start.box else 0
        if number == selection.end.box:
            return Selected(start, selection.end.position)
        return Selected(start, utf16_length(self._boxes[number].text))

    def _separator(self, number: int) -> str:
        block = self._boxes[number].block
        if isinstance(block, TextBlock) and block.continues:
            return ""
        return "\n" if block.place.is_tight else "\n\n"

    def _paint_quotes(self, painter: QPainter, number: int, origin: QPointF) -> None:
        """The rules before quoted text; they go on through the gap between quoted boxes."""
        box = self._boxes[number]
        insets = box.block.place.insets
        before = self._boxes[number - 1].block.place.insets if number else ()
        for depth, inset in enumerate(insets):
            if inset != "quote":
                continue
            is_joined = before[: depth + 1] == insets[: depth + 1]
            top = self._tops[number] if is_joined else self.box_top(number)
            width = self._style.px(_QUOTE_BAR_PX)
            offset = self._style.inset_width(insets[:depth])
            x = origin.x() + (box.inset_x(offset, width) if isinstance(box, TextBox) else offset)
            height = self._tops[number + 1] - top
            bar = QRectF(x, origin.y() + top, width, height)
            painter.fillRect(bar, self._style.colour("border-strong"))
