"""A paragraph, heading or rule, laid out. GUI thread."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTextLayout

from realm_desktop.ui.chat.blocks import LINE_BREAK, RuleBlock, Span, SpanStyle, TextBlock
from realm_desktop.ui.chat.box import Hit, Painting
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.display_text import is_right_to_left, utf16_slice
from realm_desktop.ui.chat.formula_text import PLACE, FormulaText
from realm_desktop.ui.chat.text_layout import (
    Selected,
    UnitSpan,
    address_at,
    baselines,
    break_lines,
    draw,
    end_point,
    format_ranges,
    new_layout,
    place_at,
    span_rects,
    stretch_rect,
    stretches,
    style_at,
    unit_spans,
)
from realm_desktop.ui.theme import FontRole
from realm_desktop.ui.widgets.draft_dots import paint_draft_dots

_BULLET_PX = 5
_RULE_HEIGHT_PX = 9


class TextBox:
    """One paragraph or heading, with its list marker and the frames of its inline code.

    Attributes:
        is_mirrored: Its text runs from right to left; marker and insets are on the right then.
    """

    def __init__(self, block: TextBlock, style: ChatStyle, role: FontRole | None = None) -> None:
        self.block = block
        self.height = 0.0
        self.width = 0.0
        self._style = style
        self._role: FontRole = role or style.heading_role(block.level)
        self.is_mirrored = is_right_to_left(block.text)
        self._left = style.inset_width(block.place.insets)
        self._spans: list[UnitSpan] = []
        self._layout: QTextLayout | None = None
        self._formulas: FormulaText | None = None

    @property
    def text(self) -> str:
        """The text as it is shown, with line feeds for line breaks."""
        return self._shown.replace(LINE_BREAK, "\n")

    def copied(self, start: int, end: int) -> str:
        """What a copy of the text between two positions gives."""
        if self._formulas is None:
            return utf16_slice(self.text, start, end)
        return self._formulas.copied(start, end).replace(LINE_BREAK, "\n")

    def take_pictures(self) -> bool:
        """Forget the layout if it has formulas, as more may be drawn now; whether it has any."""
        if self.block.formulas:
            self._layout, self.width = None, 0.0
        return bool(self.block.formulas)

    def estimate(self, width: float) -> float:
        """Height from the number of characters."""
        line_height = self._style.line_height(self._role)
        room = self._room(width)
        text_width = len(self.block.text) * self._style.character_width(self._role)
        breaks = self.block.text.count(LINE_BREAK) + self.block.text.count("\n")
        return line_height * (max(1, math.ceil(text_width / room)) + breaks)

    def natural_width(self) -> float:
        """Width of the text without wrapping, insets included; for bubbles."""
        layout = new_layout(self.block.text, self._style.font(self._role), is_wrapped=False)
        break_lines(layout, 0, 1)
        return self._left + math.ceil(layout.maximumWidth() or layout.boundingRect().width())

    def lay_out(self, width: float) -> None:
        """Break the text into lines."""
        if self._layout is None or (self._formulas is not None and width != self.width):
            self._layout = self._new_layout(self._room(width))
        line_height = self._style.line_height(self._role)
        self.width = width
        objects = () if self._formulas is None else self._formulas.objects
        self.height = break_lines(self._layout, self._room(width), line_height, objects)

    def paint(self, painting: Painting, origin: QPointF) -> None:
        """Draw marker, code frames and text."""
        if self._layout is None:
            return
        painter = painting.painter
        text_origin = origin + QPointF(self._text_left(), 0)
        self._paint_marker(painter, origin)
        self._paint_code_frames(painter, text_origin)
        painter.setPen(self._style.colour("text"))
        selected, clip, marks = painting.selected, painting.clip, painting.marks
        draw(painter, self._layout, text_origin, self._style, selected, clip, marks)
        self._paint_drafts(painter, text_origin)
        if self._formulas is not None:
            self._formulas.paint(painter, self._layout, text_origin)

    def hit(self, point: QPointF) -> Hit:
        """The nearest position, and the link there."""
        if self._layout is None:
            return Hit(0)
        place = place_at(self._layout, point - QPointF(self._text_left(), 0))
        address = address_at(self._spans, place.character)
        style = style_at(self._spans, place.character)
        return Hit(place.position, address, is_on_text=place.character >= 0, style=style)

    def end_point(self) -> QPointF:
        """Where the text ends, on the side it runs to."""
        left = QPointF(self._text_left(), 0)
        return left if self._layout is None else end_point(self._layout) + left

    def places(self, _part: int, spans: Sequence[tuple[int, int]]) -> list[Selected]:
        """Where stretches of the block's text stand in the text as it is shown."""
        if self._formulas is not None:
            spans = [self._formulas.shown(start, end) for start, end in spans]
        return stretches(self._shown, spans)

    def rect_of(self, place: Selected) -> QRectF:
        """Where a stretch of the text begins to stand."""
        if self._layout is None:
            return QRectF()
        return stretch_rect(self._layout, place).translated(self._text_left(), 0)

    def inset_x(self, offset: float, width: float) -> float:
        """Left edge of something `width` px wide, `offset` px inside the side the text begins on."""
        left, right = self._sides()
        return right - offset - width if self.is_mirrored else left + offset

    @property
    def _shown(self) -> str:
        return self.block.text if self._formulas is None else self._formulas.text

    def _new_layout(self, room: float) -> QTextLayout:
        """The text with its formats; formulas that are drawn already have their places."""
        font = self._style.font(self._role)
        self._formulas = None
        spans: Sequence[Span] = self.block.spans
        if self.block.formulas:
            formulas = FormulaText(self.block, self._style, font, room)
            self._formulas = formulas if formulas.is_drawn else None
            spans = formulas.spans
        self._spans = unit_spans(self._shown, spans)
        ranges = format_ranges(self._style, self._spans, is_mirrored=self.is_mirrored)
        if self._formulas is None:
            return new_layout(self._shown, font, ranges)
        ranges += self._formulas.ranges()
        is_alone = self._shown == PLACE and self.block.formulas[0].is_display
        side = Qt.AlignmentFlag.AlignHCenter if is_alone else Qt.AlignmentFlag.AlignLeading
        return new_layout(self._shown, font, ranges, alignment=side)

    def _room(self, width: float) -> float:
        return max(min(width, self._style.text_width) - self._left, 40.0)

    def _sides(self) -> tuple[float, float]:
        """Where text and insets lie in the column: at the side the text begins on."""
        total = self._room(self.width) + self._left
        left = max(self.width - total, 0.0) if self.is_mirrored else 0.0
        return left, left + total

    def _text_left(self) -> float:
        left = self._sides()[0]
        return left if self.is_mirrored else left + self._left

    def _paint_marker(self, painter: QPainter, origin: QPointF) -> None:
        marker = self.block.place.marker
        if not marker or self._layout is None:
            return
        style = self._style
        line_height = style.line_height(self._role)
        # Beside the words of the first line, which a tall formula may have pushed down.
        first = self._layout.lineAt(0)
        origin = origin + QPointF(0, max(0.0, first.y() - (line_height - first.height()) / 2))
        painter.setPen(style.colour("text"))
        if self.block.place.insets[-1] == "ordered":
            painter.setFont(style.font("message"))
            width = self._left - style.px(8)
            x = origin.x() + self.inset_x(0, width)
            # Against the text, on whichever side it begins.
            flag = Qt.AlignmentFlag
            side_flag = flag.AlignLeft if self.is_mirrored else flag.AlignRight
            align = side_flag | flag.AlignAbsolute | flag.AlignVCenter
            painter.drawText(QRectF(x, origin.y(), width, line_height), align, marker)
            return
        side = style.px(_BULLET_PX)
        x = origin.x() + self.inset_x(self._left - style.px(16), side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("text"))
        painter.drawEllipse(QRectF(x, origin.y() + (line_height - side) / 2 + 1, side, side))

    def _paint_code_frames(self, painter: QPainter, origin: QPointF) -> None:
        if self._layout is None:
            return
        padding = self._style.code_padding
        height = self._style.px(20)
        for span in self._spans:
            if SpanStyle.CODE not in span.style:
                continue
            painter.setPen(QPen(self._style.colour("border"), 1))
            painter.setBrush(self._style.colour("code-surface"))
            for rect in span_rects(self._layout, span.start, span.end):
                frame = rect.translated(origin).adjusted(-padding, 0, 0, 0)
                frame.setTop(round(rect.center().y() + origin.y() - height / 2) + 0.5)
                frame.setHeight(height - 1)
                painter.drawRoundedRect(frame, self._style.px(4), self._style.px(4))

    def _paint_drafts(self, painter: QPainter, origin: QPointF) -> None:
        if self._layout is None:
            return
        for span in self._spans:
            if SpanStyle.DRAFT in span.style:
                for left, right, y in baselines(self._layout, span.start, span.end):
                    ends = (left + origin.x(), right + origin.x(), y + origin.y())
                    paint_draft_dots(painter, self._style.theme, *ends)


class RuleBox:
    """A horizontal rule."""

    def __init__(self, block: RuleBlock, style: ChatStyle) -> None:
        self.block = block
        self.height = float(style.px(_RULE_HEIGHT_PX))
        self.width = 0.0
        self._style = style

    @property
    def text(self) -> str:
        """The rule as Markdown writes it."""
        return "---"

    def estimate(self, _width: float) -> float:
        """The height is always the same."""
        return self.height

    def lay_out(self, width: float) -> None:
        """Take the width."""
        self.width = width

    def paint(self, painting: Painting, origin: QPointF) -> None:
        """Draw a line of one pixel."""
        left = self._style.inset_width(self.block.place.insets)
        y = round(origin.y() + self.height / 2)
        line = QRectF(origin.x() + left, y, self.width - left, 1)
        painting.painter.fillRect(line, self._style.colour("border"))

    def hit(self, _point: QPointF) -> Hit:
        """A rule has no text of its own."""
        return Hit(0)

    def places(self, _part: int, _spans: Sequence[tuple[int, int]]) -> list[Selected]:
        """Nothing can be found in a rule."""
        return []

    def rect_of(self, _place: Selected) -> QRectF:
        """All of it."""
        return QRectF(0, 0, self.width, self.height)

    def end_point(self) -> QPointF:
        """The caret stands below the rule's left end."""
        return QPointF(0, self.height / 2)
