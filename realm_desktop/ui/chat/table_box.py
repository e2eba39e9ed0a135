"""A table, laid out: our own grid, one layout per cell, sideways scrolling when too wide.

GUI thread.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainterPath, QPen, QTextLayout

from realm_desktop.ui.chat.blocks import LINE_BREAK, Alignment, Cell, TableBlock, TextBlock
from realm_desktop.ui.chat.box import Hit, Painting
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.display_text import is_right_to_left, utf16_length, utf16_slice
from realm_desktop.ui.chat.formula_text import FormulaText
from realm_desktop.ui.chat.text_layout import (
    Mark,
    Selected,
    address_at,
    break_lines,
    draw,
    format_ranges,
    new_layout,
    place_at,
    stretch_rect,
    stretches,
    unit_spans,
)

_PADDING_X_PX = 11
_HEAD_PADDING_PX = 5
_MIN_COLUMN_PX = 56
_MAX_COLUMN_PX = 320
_MEASURED_ROWS = 60

_SIDES: dict[Alignment, Qt.AlignmentFlag] = {
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}


class _Placed(NamedTuple):
    """A cell: where its text begins in the table's text, its layout, its text as it is shown."""

    start: int
    layout: QTextLayout
    shown: str
    formulas: FormulaText | None = None

    def own(self, marks: Sequence[Mark]) -> list[Mark]:
        """The marks that lie in this cell, counted from its start."""
        last = self.start + utf16_length(self.shown)
        return [
            Mark(mark.start - self.start, mark.end - self.start, mark.is_current)
            for mark in marks
            if self.start <= mark.start < last
        ]


class TableBox:
    """One table; rows get their layouts while the table is laid out.

    Attributes:
        is_mirrored: Its head runs from right to left, and so do its columns.
    """

    def __init__(self, block: TableBlock, style: ChatStyle) -> None:
        self.block = block
        self.height = 0.0
        self.width = 0.0
        self._style = style
        self._left = style.inset_width(block.place.insets)
        self._rows = (block.header, *block.rows)
        self.is_mirrored = is_right_to_left(" ".join(cell.text for cell in block.header))
        self._natural = self._natural_widths()
        self._lefts: list[float] = [0.0]
        self._tops: list[float] = [0.0]
        self._cells: list[list[_Placed]] = []
        self._scroll_x = 0.0

    @property
    def text(self) -> str:
        """Cells with tabs between them, rows with line feeds."""
        num_placed = len(self._cells)
        rows = ["\t".join(_flat(placed.shown) for placed in row) for row in self._cells]
        rows += ["\t".join(_flat(cell.text) for cell in row) for row in self._rows[num_placed:]]
        return "\n".join(rows)

    def copied(self, start: int, end: int) -> str:
        """What a copy of the text between two positions gives: formulas as written."""
        text = self.text
        pieces = []
        for placed in (placed for row in self._cells for placed in row if placed.formulas):
            first = max(start, placed.start)
            last = min(end, placed.start + utf16_length(placed.shown))
            if placed.formulas is not None and first < last:
                inside = placed.formulas.copied(first - placed.start, last - placed.start)
                pieces += [utf16_slice(text, start, first), _flat(inside)]
                start = last
        return "".join((*pieces, utf16_slice(text, start, end)))

    def take_pictures(self) -> bool:
        """Forget the layout if there are formulas, as more may be drawn now; whether there are."""
        has_formulas = any(cell.formulas for row in self._rows for cell in row)
        if has_formulas:
            self._cells, self.width = [], 0.0
        return has_formulas

    def estimate(self, _width: float) -> float:
        """One line per row."""
        return len(self._rows) * self._style.theme.row_height

    def lay_out(self, width: float) -> None:
        """Distribute the width over the columns and break every cell into lines."""
        if width != self.width:
            self._cells = []
            self.width = width
        self._lay_out_rows()

    def grow(self, block: TableBlock) -> None:
        """Take a table that continues this one; cells that stay as they were keep their layout."""
        num_same = 0
        rows = (block.header, *block.rows)
        for old, new in zip(self._rows, rows, strict=False):
            if old != new:
                break
            num_same += 1
        self.block = block
        self._rows = rows
        natural = self._natural_widths()
        is_kept = natural == self._natural and bool(self._cells)
        self._natural = natural
        self._cells = self._cells[:num_same] if is_kept else []
        if self.width:
            self._lay_out_rows()

    def scroll(self, distance: float) -> bool:
        """Move a table sideways that is too wide; returns whether it moved."""
        before = self._scroll_x
        wanted = before - distance if self.is_mirrored else before + distance
        self._scroll_x = min(self._overhang(), max(0.0, wanted))
        return self._scroll_x != before

    def paint(self, painting: Painting, origin: QPointF) -> None:
        """Draw grid and cells inside the clip."""
        style = self._style
        painter = painting.painter
        width = min(self.width - self._left, self._lefts[-1])
        frame = QRectF(origin.x() + self._frame_left(), origin.y(), width, self.height)
        outline = QPainterPath()
        outline.addRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), style.px(8), style.px(8))
        painter.save()
        painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
        head = QRectF(frame.x(), frame.y(), frame.width(), self._tops[1])
        painter.fillRect(head, style.colour("surface-sunken"))
        first = self._row_at(painting.clip.top() - origin.y())
        last = self._row_at(painting.clip.bottom() - origin.y())
        for number in range(first, last + 1):
            if number:
                top = round(frame.y() + self._tops[number])
                painter.fillRect(QRectF(frame.x(), top, frame.width(), 1), style.colour("border"))
            self._paint_row(painting, number, frame.topLeft())
        painter.restore()
        painter.setPen(QPen(style.colour("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)

    def hit(self, point: QPointF) -> Hit:
        """The nearest position, and the link there."""
        row = self._row_at(point.y())
        x = point.x() - self._frame_left() + self._hidden_left()
        last_column = len(self._lefts) - 2
        from_start = self._lefts[-1] - x if self.is_mirrored else x
        column = min(max(bisect_right(self._lefts, from_start) - 1, 0), last_column)
        placed = self._cells[row][column]
        inside = QPointF(x, point.y()) - self._cell_origin(row, column)
        place = place_at(placed.layout, inside)
        spans = self._rows[row][column].spans if placed.formulas is None else placed.formulas.spans
        address = address_at(unit_spans(placed.shown, spans), place.character)
        return Hit(placed.start + place.position, address, is_on_text=place.character >= 0)

    def end_point(self) -> QPointF:
        """Below the last row; a caret inside a cell would jump from cell to cell."""
        return QPointF(self._frame_left(), self.height + self._style.px(10))

    def places(self, part: int, spans: Sequence[tuple[int, int]]) -> list[Selected]:
        """Where stretches of a cell's text stand in the table's."""
        placed = self._cells[part // len(self.block.header)][part % len(self.block.header)]
        if placed.formulas is not None:
            spans = [placed.formulas.shown(start, end) for start, end in spans]
        found = stretches(placed.shown, spans)
        return [Selected(placed.start + one.start, placed.start + one.end) for one in found]

    def rect_of(self, place: Selected) -> QRectF:
        """Where a stretch of a cell begins to stand, the table moved as it is."""
        cells = [
            (row, column) for row, cells in enumerate(self._cells) for column in range(len(cells))
        ]
        starts = [self._cells[row][column].start for row, column in cells]
        row, column = cells[bisect_right(starts, place.start) - 1]
        placed = self._cells[row][column]
        inside = Selected(place.start - placed.start, place.end - placed.start)
        corner = self._cell_origin(row, column) - QPointF(self._hidden_left(), 0)
        corner += QPointF(self._frame_left(), 0)
        return stretch_rect(placed.layout, inside).translated(corner)

    def _frame_left(self) -> float:
        """Left edge of the frame; the insets are on the side the columns begin on."""
        return 0.0 if self.is_mirrored else self._left

    def _overhang(self) -> float:
        """How much wider than its frame the table is, px."""
        return max(0.0, self._lefts[-1] - (self.width - self._left))

    def _hidden_left(self) -> float:
        """How much of the table is out of sight on the left, px."""
        return self._overhang() - self._scroll_x if self.is_mirrored else self._scroll_x

    def _lay_out_rows(self) -> None:
        """Lay out the rows that have no cells yet."""
        widths = self._column_widths(self.width - self._left)
        self._lefts = list(accumulate(widths, initial=0.0))
        num_done = len(self._cells)
        del self._tops[num_done + 1 :]
        start = self._text_length(num_done)
        for number, row in enumerate(self._rows[num_done:], num_done):
            placed, height = self._lay_out_row(row, widths, start, is_head=number == 0)
            self._cells.append(placed)
            self._tops.append(self._tops[-1] + height)
            start = self._text_length(number + 1)
        self.height = self._tops[-1]

    def _text_length(self, num_rows: int) -> int:
        """Where the text of a row begins, from the row above it."""
        if num_rows == 0:
            return 0
        last = self._cells[num_rows - 1][-1]
        return last.start + utf16_length(last.shown) + 1

    def _lay_out_row(
        self, row: tuple[Cell, ...], widths: list[float], start: int, *, is_head: bool
    ) -> tuple[list[_Placed], float]:
        """The cells of a row and its height; `start` is where its text begins."""
        style = self._style
        padding = style.px(_PADDING_X_PX)
        font = style.font("stats-strong" if is_head else "message")
        line_height = style.line_height("stats" if is_head else "message")
        placed: list[_Placed] = []
        tallest = float(line_height)
        for column, cell in enumerate(row):
            room = max(widths[column] - 2 * padding, 16.0)
            side = _SIDES.get(self.block.alignments[column], Qt.AlignmentFlag.AlignLeading)
            one = _placed(cell, style, font, room, start, side)
            objects = () if one.formulas is None else one.formulas.objects
            tallest = max(tallest, break_lines(one.layout, room, line_height, objects))
            placed.append(one)
            start += utf16_length(one.shown) + 1
        return placed, tallest + 2 * self._row_padding(is_head=is_head)

    def _row_padding(self, *, is_head: bool) -> int:
        style = self._style
        if is_head:
            return style.px(_HEAD_PADDING_PX)
        # A row of one line is as high as one of any other table, whatever the size of the text.
        return max(0, style.theme.row_height - style.line_height("message")) // 2

    def _paint_row(self, painting: Painting, number: int, corner: QPointF) -> None:
        painter = painting.painter
        painter.setPen(self._style.colour("text" if number else "text-muted"))
        for column, placed in enumerate(self._cells[number]):
            origin = corner + self._cell_origin(number, column) - QPointF(self._hidden_left(), 0)
            selected = painting.selected
            if selected is not None:
                selected = Selected(selected.start - placed.start, selected.end - placed.start)
            marks = placed.own(painting.marks)
            draw(painter, placed.layout, origin, self._style, selected, painting.clip, marks)
            if placed.formulas is not None:
                placed.formulas.paint(painter, placed.layout, origin)

    def _cell_origin(self, row: int, column: int) -> QPointF:
        padding = self._row_padding(is_head=row == 0)
        left = self._lefts[column]
        if self.is_mirrored:
            left = self._lefts[-1] - self._lefts[column + 1]
        return QPointF(left + self._style.px(_PADDING_X_PX), self._tops[row] + padding)

    def _row_at(self, y: float) -> int:
        return min(max(bisect_right(self._tops, y) - 1, 0), len(self._rows) - 1)

    def _natural_widths(self) -> list[float]:
        """Width each column would like, from its first rows."""
        character = self._style.character_width("message")
        padding = 2 * self._style.px(_PADDING_X_PX)
        low, high = self._style.px(_MIN_COLUMN_PX), self._style.px(_MAX_COLUMN_PX)
        widths = []
        for column in range(len(self.block.header)):
            texts = (row[column].text for row in self._rows[:_MEASURED_ROWS])
            longest = max(len(text) for text in texts)
            widths.append(min(max(longest * character * 1.12 + padding, low), high))
        return widths

    def _column_widths(self, width: float) -> list[float]:
        """Columns stretch to fill the width; too wide ones shrink down to a readable least."""
        total = sum(self._natural)
        if total <= width:
            return [natural * width / total for natural in self._natural]
        least = [min(natural, self._style.px(2 * _MIN_COLUMN_PX)) for natural in self._natural]
        spare = max(width - sum(least), 0.0)
        wish = sum(n - m for n, m in zip(self._natural, least, strict=True)) or 1.0
        return [
            m + (n - m) * min(spare / wish, 1.0) for n, m in zip(self._natural, least, strict=True)
        ]


def _placed(
    cell: Cell, style: ChatStyle, font: QFont, room: float, start: int, side: Qt.AlignmentFlag
) -> _Placed:
    """A cell with its layout, which has no lines yet."""
    text, spans, formulas = cell.text, list(cell.spans), None
    if cell.formulas:
        block = TextBlock(cell.text, cell.spans, formulas=cell.formulas)
        formulas = FormulaText(block, style, font, room)
        text, spans = formulas.text, formulas.spans
    ranges = format_ranges(style, unit_spans(text, spans))
    ranges += [] if formulas is None else formulas.ranges()
    return _Placed(start, new_layout(text, font, ranges, alignment=side), text, formulas)


def _flat(text: str) -> str:
    return text.replace(LINE_BREAK, " ")
