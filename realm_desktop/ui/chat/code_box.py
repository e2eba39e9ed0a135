"""A code block, laid out: frame, head with language and buttons, lines made while they are seen.

GUI thread.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QTextLayout

from realm_desktop.ui.chat.blocks import CodeBlock, Span, SpanStyle
from realm_desktop.ui.chat.box import Hit, Painting, Part
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.code_lines import CodeLines
from realm_desktop.ui.chat.text_layout import (
    Mark,
    Selected,
    break_lines,
    draw,
    end_point,
    format_range,
    new_layout,
    place_at,
    stretch_rect,
    stretches,
    unit_spans,
)
from realm_desktop.ui.icons import IconName, paint_icon

FOLDED_LINES = 24

_HEAD_PX = 32
_FOOT_PX = 32
_PADDING_X_PX = 12
_PADDING_Y_PX = 10
_BUTTON_PX = 28
_MAX_CACHED = 400
_COLOUR_BUDGET_S = 0.004


class CodeBox:
    """One code block; only lines that were seen have a layout.

    Attributes:
        is_wrapped: Long lines go on below instead of to the right.
        is_folded: Only the first `FOLDED_LINES` lines are shown.
    """

    def __init__(self, block: CodeBlock, style: ChatStyle) -> None:
        self.block = block
        self.height = 0.0
        self.width = 0.0
        self.is_wrapped = False
        self.is_folded = False
        self._style = style
        self._left = style.inset_width(block.place.insets)
        self._lines = CodeLines(block.language)
        self._layouts: dict[int, QTextLayout] = {}
        self._tops: list[float] = [0.0]
        self._scroll_x = 0.0
        self._lines.set_text(block.text, is_open=block.is_open)

    @property
    def text(self) -> str:
        """The code."""
        return self.block.text

    @property
    def is_coloured(self) -> bool:
        """Whether no colour is missing."""
        return self._lines.is_coloured

    @property
    def num_lines(self) -> int:
        """Lines as they are displayed, folded ones included."""
        return len(self._lines.lines)

    @property
    def is_wide(self) -> bool:
        """Whether a line is longer than the frame."""
        return self._lines.longest * self._style.character_width("code") > self._inner_width()

    @property
    def _line_height(self) -> int:
        return self._style.line_height("code")

    @property
    def _num_shown(self) -> int:
        return (
            min(len(self._lines.lines), FOLDED_LINES) if self.is_folded else len(self._lines.lines)
        )

    def grow(self, block: CodeBlock) -> None:
        """Take a block that continues this one; the lines before stay as they are."""
        first = self._lines.set_text(block.text, is_open=block.is_open)
        self.block = block
        for number in [number for number in self._layouts if number >= first]:
            del self._layouts[number]
        if self.width:
            self.lay_out(self.width)

    def colour(self, budget_s: float = _COLOUR_BUDGET_S) -> bool:
        """Go on colouring for a time; returns whether anything looks different."""
        changed = self._lines.colour(budget_s)
        for number in changed:
            self._layouts.pop(number, None)
        return bool(changed)

    def fold(self, *, is_folded: bool) -> None:
        """Fold or unfold a long block; the caller lays out again."""
        self.is_folded = is_folded and len(self._lines.lines) > FOLDED_LINES

    def toggle_wrap(self) -> None:
        """Wrap long lines or stop it; the caller lays out again."""
        self.is_wrapped = not self.is_wrapped
        self._scroll_x = 0.0
        self._layouts.clear()

    def scroll(self, distance: float) -> bool:
        """Move long lines sideways; returns whether they moved."""
        before = self._scroll_x
        room = self._inner_width()
        widest = self._lines.longest * self._style.character_width("code")
        self._scroll_x = min(max(0.0, widest - room), max(0.0, before + distance))
        return self._scroll_x != before

    def estimate(self, _width: float) -> float:
        """Exact unless lines are wrapped."""
        return self._chrome_height() + self._num_shown * self._line_height

    def lay_out(self, width: float) -> None:
        """Only wrapped lines need a layout to know their height."""
        if self.is_wrapped and width != self.width:
            self._layouts.clear()
        self.width = width
        if not self.is_wrapped:
            self.height = self.estimate(width)
            return
        heights = [self._wrapped_height(number) for number in range(self._num_shown)]
        self._tops = list(accumulate(heights, initial=0.0))
        self.height = self._chrome_height() + self._tops[-1]

    def paint(self, painting: Painting, origin: QPointF) -> None:
        """Draw the frame and the lines inside the clip."""
        style = self._style
        painter = painting.painter
        frame = QRectF(origin.x() + self._left, origin.y(), self.width - self._left, self.height)
        painter.setPen(QPen(style.colour("border"), 1))
        painter.setBrush(style.colour("code-surface"))
        painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), style.px(8), style.px(8))
        self._paint_head(painting, frame)
        if self.is_folded:
            self._paint_foot(painter, frame)
        self._paint_lines(painting, frame)

    def hit(self, point: QPointF) -> Hit:
        """The nearest position, or the button at the point."""
        for part, rect in self._part_rects().items():
            if rect.contains(point):
                return Hit(0, part=part)
        y = point.y() - self._text_top()
        number = self._line_at(y)
        layout = self._line_layout(number)
        inside = QPointF(point.x() - self._text_left() + self._scroll_x, y - self._line_top(number))
        place = place_at(layout, inside)
        position = self._lines.unit_starts[number] + place.position
        return Hit(position, is_on_text=place.character >= 0)

    def end_point(self) -> QPointF:
        """Right end of the last line shown."""
        number = self._num_shown - 1
        end = end_point(self._line_layout(number))
        x = min(self._text_left() + end.x() - self._scroll_x, self.width - self._style.px(12))
        return QPointF(x, self._text_top() + self._line_top(number) + end.y())

    def places(self, _part: int, spans: Sequence[tuple[int, int]]) -> list[Selected]:
        """Where stretches of the code stand in it."""
        return stretches(self.block.text, spans)

    def rect_of(self, place: Selected) -> QRectF:
        """Where a stretch of the code begins to stand, long lines moved as they are."""
        number = self._line_of(place.start)
        start = self._lines.unit_starts[number]
        inside = Selected(place.start - start, place.end - start)
        rect = stretch_rect(self._line_layout(number), inside)
        x = self._text_left() - self._scroll_x
        return rect.translated(x, self._text_top() + self._line_top(number))

    def hides(self, place: Selected) -> bool:
        """Whether a stretch of the code is below the fold."""
        return self._line_of(place.start) >= self._num_shown

    def _line_of(self, position: int) -> int:
        """The display line that a position in 16-bit units is in."""
        return bisect_right(self._lines.unit_starts, position) - 1

    def _chrome_height(self) -> float:
        padding = 2 * self._style.px(_PADDING_Y_PX)
        foot = self._style.px(_FOOT_PX) if self.is_folded else 0
        return self._style.px(_HEAD_PX) + padding + foot

    def _text_left(self) -> float:
        return self._left + self._style.px(_PADDING_X_PX)

    def _text_top(self) -> float:
        return self._style.px(_HEAD_PX) + self._style.px(_PADDING_Y_PX)

    def _inner_width(self) -> float:
        return max(self.width - self._left - 2 * self._style.px(_PADDING_X_PX), 40.0)

    def _line_top(self, number: int) -> float:
        return self._tops[number] if self.is_wrapped else number * self._line_height

    def _line_at(self, y: float) -> int:
        if self.is_wrapped:
            number = bisect_right(self._tops, y) - 1
        else:
            number = int(y // self._line_height)
        return min(max(number, 0), self._num_shown - 1)

    def _wrapped_height(self, number: int) -> float:
        layout = self._line_layout(number)
        return max(self._line_height, layout.boundingRect().height())

    def _line_layout(self, number: int) -> QTextLayout:
        layout = self._layouts.get(number)
        if layout is not None:
            return layout
        if len(self._layouts) >= _MAX_CACHED:
            self._layouts.clear()
        line = self._lines.lines[number]
        coloured = self._lines.colours(number)
        spans = [Span(c.start, c.end - c.start, SpanStyle.NORMAL) for c in coloured]
        ranges = [
            format_range(span.start, span.end, self._style.syntax_format(colour.token))
            for span, colour in zip(unit_spans(line, spans), coloured, strict=True)
        ]
        font = self._style.font("code")
        left_to_right = Qt.LayoutDirection.LeftToRight
        layout = new_layout(line, font, ranges, direction=left_to_right, is_wrapped=self.is_wrapped)
        width = self._inner_width() if self.is_wrapped else 0
        break_lines(layout, width, self._line_height)
        self._layouts[number] = layout
        return layout

    def _part_rects(self) -> dict[Part, QRectF]:
        """The buttons, counted from the upper left corner of the box."""
        side = self._style.px(_BUTTON_PX)
        inner = (self._style.px(_HEAD_PX) - side) / 2
        right = self.width - inner
        rects: dict[Part, QRectF] = {
            "copy": QRectF(right - side, inner, side, side),
            "wrap": QRectF(right - 2 * side, inner, side, side),
        }
        if self.is_folded:
            foot = self._style.px(_FOOT_PX)
            rects["fold"] = QRectF(self._left, self.height - foot, self.width - self._left, foot)
        return rects

    def _paint_head(self, painting: Painting, frame: QRectF) -> None:
        style = self._style
        painter = painting.painter
        head = style.px(_HEAD_PX)
        line = QRectF(frame.x() + 1, frame.y() + head - 1, frame.width() - 2, 1)
        painter.fillRect(line, style.colour("border"))
        painter.setFont(style.font("stats"))
        painter.setPen(style.colour("text-muted"))
        room = QRectF(frame.x() + style.px(12), frame.y(), frame.width() - style.px(96), head)
        language = painter.fontMetrics().elidedText(
            self.block.language or "text", Qt.TextElideMode.ElideRight, int(room.width())
        )
        # The head stays with the code, which runs from left to right in every window.
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | left, language)
        icons: tuple[tuple[Part, IconName], ...] = (("wrap", "wrap"), ("copy", "copy"))
        for part, name in icons:
            rect = self._part_rects()[part].translated(frame.x() - self._left, frame.y())
            if painting.hovered == part:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(style.colour("hover"))
                painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), style.px(5), style.px(5))
            is_on = part == "wrap" and self.is_wrapped
            token = "accent-ink" if is_on else "text-muted"
            paint_icon(painter, QRect(rect.toAlignedRect()), style.theme, name, token, 15)

    def _paint_foot(self, painter: QPainter, frame: QRectF) -> None:
        style = self._style
        foot = style.px(_FOOT_PX)
        line = QRectF(frame.x() + 1, frame.bottom() - foot, frame.width() - 2, 1)
        painter.fillRect(line, style.colour("border"))
        painter.setFont(style.font("stats-strong"))
        painter.setPen(style.colour("accent-ink"))
        text = QCoreApplication.translate("CodeBox", "Show all %n lines", None, self.num_lines)
        room = QRectF(frame.x(), frame.bottom() - foot, frame.width(), foot)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_lines(self, painting: Painting, frame: QRectF) -> None:
        painter = painting.painter
        top = frame.y() + self._text_top()
        first = self._line_at(painting.clip.top() - top)
        last = self._line_at(painting.clip.bottom() - top)
        painter.save()
        inside = QPainterPath()
        inside.addRect(frame.adjusted(1, self._style.px(_HEAD_PX), -1, -1))
        painter.setClipPath(inside, Qt.ClipOperation.IntersectClip)
        painter.setPen(self._style.colour("text"))
        x = frame.x() - self._left + self._text_left() - self._scroll_x
        for number in range(first, last + 1):
            start = self._lines.unit_starts[number]
            selected = _shifted(painting.selected, start)
            marks = [Mark(m.start - start, m.end - start, m.is_current) for m in painting.marks]
            corner = QPointF(x, top + self._line_top(number))
            layout = self._line_layout(number)
            draw(painter, layout, corner, self._style, selected, painting.clip, marks)
        painter.restore()


def _shifted(selected: Selected | None, start: int) -> Selected | None:
    """A selection counted from the start of a line."""
    if selected is None:
        return None
    return Selected(selected.start - start, selected.end - start)
