"""One `QTextLayout`: made from spans, broken into lines, drawn, asked for positions.

No document and no rich text is involved, so nothing can be loaded by what a model wrote. Positions
count 16-bit units, as Qt does. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from realm_desktop.ui.chat.blocks import LINE_BREAK, Span, SpanStyle
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.display_text import is_right_to_left, utf16_length, utf16_offsets

_NO_WRAP_WIDTH = 1e6
_TAB_CHARACTERS = 4
_LINE_SLACK_PX = 3


class UnitSpan(NamedTuple):
    """A span whose `start` and `end` count 16-bit units."""

    start: int
    end: int
    style: SpanStyle
    address: str


class Selected(NamedTuple):
    """A stretch of selected text, in 16-bit units."""

    start: int
    end: int


class Mark(NamedTuple):
    """A stretch that is marked as a hit, in 16-bit units."""

    start: int
    end: int
    is_current: bool = False


def stretches(text: str, spans: Sequence[tuple[int, int]]) -> list[Selected]:
    """Stretches given in characters, in 16-bit units."""
    offsets = utf16_offsets(text) if spans else None
    if offsets is None:
        return [Selected(start, end) for start, end in spans]
    return [Selected(offsets[start], offsets[end]) for start, end in spans]


def unit_spans(text: str, spans: Sequence[Span]) -> list[UnitSpan]:
    """Spans with their positions in 16-bit units."""
    offsets = utf16_offsets(text) if spans else None
    if offsets is None:
        return [UnitSpan(s.start, s.start + s.length, s.style, s.address) for s in spans]
    return [
        UnitSpan(offsets[s.start], offsets[s.start + s.length], s.style, s.address) for s in spans
    ]


def format_ranges(
    style: ChatStyle, spans: Sequence[UnitSpan], *, is_mirrored: bool = False
) -> list[QTextLayout.FormatRange]:
    """What Qt needs for the look of the spans; `is_mirrored` for text from right to left."""
    ranges = []
    end_of_last = 0
    for span in spans:
        is_link = bool(span.address)
        if SpanStyle.CODE not in span.style:
            text_format = style.span_format(span.style, is_link=is_link)
            ranges.append(format_range(span.start, span.end, text_format))
            end_of_last = span.end
            continue
        # The frame of inline code needs room: the character left of it and its last one are wider.
        # In text from right to left the one on the left is the one that follows.
        beside = style.span_format(SpanStyle.NORMAL, is_link=False, is_padded=True)
        if is_mirrored:
            ranges.append(format_range(span.end, span.end + 1, beside))
        elif span.start > end_of_last:
            ranges.append(format_range(span.start - 1, span.start, beside))
        inner = style.span_format(span.style, is_link=is_link)
        ranges.append(format_range(span.start, span.end - 1, inner))
        last = style.span_format(span.style, is_link=is_link, is_padded=True)
        ranges.append(format_range(span.end - 1, span.end, last))
        end_of_last = span.end
    return ranges


def format_range(start: int, end: int, text_format: QTextCharFormat) -> QTextLayout.FormatRange:
    """A format for the text between two positions."""
    result = QTextLayout.FormatRange()
    result.start = start
    result.length = end - start
    result.format = text_format
    return result


def new_layout(
    text: str,
    font: QFont,
    ranges: Sequence[QTextLayout.FormatRange] = (),
    *,
    alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeading,
    direction: Qt.LayoutDirection = Qt.LayoutDirection.LayoutDirectionAuto,
    is_wrapped: bool = True,
) -> QTextLayout:
    """A layout without lines; `break_lines` comes next.

    Text follows the direction of its first letter that has one; `direction` forces another.
    """
    layout = QTextLayout(text.replace("\n", LINE_BREAK), font)
    option = QTextOption(alignment)
    # Without this line Qt gives every text the direction of the window.
    option.setTextDirection(direction)
    is_automatic = direction is Qt.LayoutDirection.LayoutDirectionAuto
    # Unlike a label, a layout does not turn the side round for text from right to left.
    if is_automatic and alignment is Qt.AlignmentFlag.AlignLeading and is_right_to_left(text):
        option.setAlignment(Qt.AlignmentFlag.AlignRight)
    mode = QTextOption.WrapMode
    option.setWrapMode(mode.WrapAtWordBoundaryOrAnywhere if is_wrapped else mode.ManualWrap)
    option.setTabStopDistance(_TAB_CHARACTERS * font.pixelSize() * 0.6)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    if ranges:
        layout.setFormats(list(ranges))
    return layout


class InlineObject(NamedTuple):
    """Something drawn in the place of one character; heights are those around the baseline, px."""

    position: int
    ascent: float
    descent: float


def break_lines(
    layout: QTextLayout, width: float, line_height: float, objects: Sequence[InlineObject] = ()
) -> float:
    """Break into lines of `width` px, each at least `line_height` high; returns the height.

    A taller script, an emoji or an object makes its line taller instead of being cut.
    """
    y = 0.0
    layout.beginLayout()
    line = layout.createLine()
    while line.isValid():
        line.setLineWidth(width if width > 0 else _NO_WRAP_WIDTH)
        air = max(line_height - line.height(), 0.0) / 2
        start, end = line.textStart(), line.textStart() + line.textLength()
        inside = [one for one in objects if start <= one.position < end]
        above = max([air, *(one.ascent - line.ascent() for one in inside)])
        below = max([air, *(one.descent - line.descent() for one in inside)])
        line.setPosition(QPointF(0.0, y + above))
        y += above + line.height() + below
        line = layout.createLine()
    layout.endLayout()
    return y


def draw(
    painter: QPainter,
    layout: QTextLayout,
    origin: QPointF,
    style: ChatStyle,
    selected: Selected | None,
    clip: QRectF,
    marks: Sequence[Mark] = (),
) -> None:
    """Draw a layout whose text begins at 0; `selected` and `marks` may reach beyond its ends."""
    ranges = _mark_ranges(layout, origin, style, clip, marks) if marks else []
    if selected is not None:
        start = max(0, selected.start)
        end = min(len_units(layout), selected.end)
        if end > start:
            ranges.append(format_range(start, end, style.selection))
    layout.draw(painter, origin, ranges, clip)


def _mark_ranges(
    layout: QTextLayout, origin: QPointF, style: ChatStyle, clip: QRectF, marks: Sequence[Mark]
) -> list[QTextLayout.FormatRange]:
    """What Qt needs for the marks in sight; it goes through all lines for each."""
    lines = [layout.lineAt(number) for number in range(layout.lineCount())]
    seen = [line for line in lines if line.rect().translated(origin).intersects(clip)]
    if not seen:
        return []
    start, end = seen[0].textStart(), seen[-1].textStart() + seen[-1].textLength()
    formats = {False: style.hit, True: style.current_hit}
    return [
        format_range(max(mark.start, start), min(mark.end, end), formats[mark.is_current])
        for mark in marks
        if mark.start < end and mark.end > start
    ]


def stretch_rect(layout: QTextLayout, stretch: Selected) -> QRectF:
    """Where the first line of a stretch stands, in the layout's coordinates."""
    rects = span_rects(layout, stretch.start, stretch.end)
    return rects[0] if rects else QRectF(0, 0, 1, 1)


class TextPlace(NamedTuple):
    """A point of a layout in terms of its text.

    Attributes:
        position: The gap between characters that is nearest.
        character: The character under the point; -1 beside the text.
    """

    position: int
    character: int = -1


def place_at(layout: QTextLayout, point: QPointF) -> TextPlace:
    """What is at a point, or nearest to it."""
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        is_last = number == layout.lineCount() - 1
        if point.y() < line.rect().bottom() + _LINE_SLACK_PX or is_last:
            is_on_text = line.naturalTextRect().adjusted(0, -4, 0, 4).contains(point)
            on_character = QTextLine.CursorPosition.CursorOnCharacter
            character = int(line.xToCursor(point.x(), on_character)) if is_on_text else -1
            return TextPlace(int(line.xToCursor(point.x())), character)
    return TextPlace(0)


def address_at(spans: Sequence[UnitSpan], character: int) -> str:
    """The address that a character leads to; empty for none."""
    return next((s.address for s in spans if s.address and s.start <= character < s.end), "")


def style_at(spans: Sequence[UnitSpan], character: int) -> SpanStyle:
    """How a character is set."""
    found = (span.style for span in spans if span.start <= character < span.end)
    return next(found, SpanStyle.NORMAL)


def span_rects(layout: QTextLayout, start: int, end: int) -> list[QRectF]:
    """Where a stretch of text stands, one rectangle per line, in the layout's coordinates."""
    return [
        QRectF(left, line.y(), right - left, line.height())
        for line, left, right in _pieces(layout, start, end)
    ]


def baselines(layout: QTextLayout, start: int, end: int) -> list[tuple[float, float, float]]:
    """Left, right and height of the baseline below a stretch of text, for each line."""
    return [
        (left, right, line.y() + line.ascent()) for line, left, right in _pieces(layout, start, end)
    ]


def _pieces(layout: QTextLayout, start: int, end: int) -> Iterator[tuple[QTextLine, float, float]]:
    """The lines that have some of a stretch, with its left and right end in each."""
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        first = max(start, line.textStart())
        last = min(end, line.textStart() + line.textLength())
        if last > first:
            left, right = sorted((cursor_x(layout, number, first), cursor_x(layout, number, last)))
            yield line, left, right


def cursor_x(layout: QTextLayout, line_number: int, position: int) -> float:
    """Where a position stands in a line, px."""
    place = layout.lineAt(line_number).cursorToX(position)
    # The binding returns (x, position), as the position may be moved into the line.
    assert isinstance(place, tuple)
    return float(place[0])


def end_point(layout: QTextLayout) -> QPointF:
    """Right end of the text, at the middle of its last line."""
    if layout.lineCount() == 0:
        return QPointF()
    number = layout.lineCount() - 1
    line = layout.lineAt(number)
    x = cursor_x(layout, number, line.textStart() + line.textLength())
    return QPointF(x, line.y() + line.height() / 2)


def len_units(layout: QTextLayout) -> int:
    """Length of the text in 16-bit units."""
    return utf16_length(layout.text())
