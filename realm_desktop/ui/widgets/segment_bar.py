"""A bar of named parts with its legend: the KV pool, the shares of workspaces, a context.

Knows only the theme. GUI thread.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from realm_desktop.ui.one_line import isolated
from realm_desktop.ui.theme import Theme

_TITLE_PX: Final = 22
_BAR_PX: Final = 12
_LEGEND_PX: Final = 20
_KEY_PX: Final = 9
_GAP_PX: Final = 6
_WIDTH_PX: Final = 260
_MIN_PX: Final = 160
_PARTS_PER_LINE: Final = 3


class Segment(NamedTuple):
    """One part.

    Attributes:
        amount: Its length, in any unit that all parts share.
        text: Name and figure, for the legend.
        token: Colour; "" is empty ground.
    """

    amount: float
    text: str
    token: str


class SegmentBar(QWidget):
    """Title and value, the bar, and its legend.

    Args:
        theme: Of all colours and sizes.
        title: What the parts are parts of.
        parent: Its owner.
        is_list: Each part has a line of the legend to itself.
    """

    def __init__(
        self, theme: Theme, title: str, parent: QWidget | None = None, *, is_list: bool = False
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = title
        self._is_list = is_list
        self._value = ""
        self._segments: tuple[Segment, ...] = ()
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_segments(self, segments: tuple[Segment, ...], value: str = "") -> None:
        """Show these parts; `value` stands beside the title."""
        if (segments, value) == (self._segments, self._value):
            return
        self._segments, self._value = segments, value
        self.updateGeometry()
        texts = (value, *(segment.text for segment in segments))
        self.setAccessibleDescription(", ".join(text for text in texts if text))
        self.update()

    def sizeHint(self) -> QSize:
        """Room for title, bar and legend: a line for each part, or one, or two for more than three."""
        theme = self._theme
        num_parts = len(self._segments)
        num_lines = num_parts if self._is_list else 1 if num_parts <= _PARTS_PER_LINE else 2
        height = theme.px(_TITLE_PX + _BAR_PX + _GAP_PX) + num_lines * theme.px(_LEGEND_PX)
        return QSize(theme.px(_WIDTH_PX), height)

    def minimumSizeHint(self) -> QSize:
        """Narrower."""
        return QSize(self._theme.px(_MIN_PX), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, bar and legend."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        head = QRect(0, 0, self.width(), theme.px(_TITLE_PX))
        painter.setFont(theme.font("stats"))
        painter.setPen(theme.colour("text-muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(head, Qt.AlignmentFlag.AlignLeading | middle, self._title)
        painter.setFont(theme.font("stats-strong"))
        painter.setPen(theme.colour("text"))
        painter.drawText(head, Qt.AlignmentFlag.AlignTrailing | middle, isolated(self._value))
        self._paint_bar(painter, QRect(0, head.bottom() + 1, self.width(), theme.px(_BAR_PX)))
        self._paint_legend(painter, head.height() + theme.px(_BAR_PX + _GAP_PX))
        painter.end()

    def _paint_bar(self, painter: QPainter, bar: QRect) -> None:
        theme = self._theme
        total = sum(segment.amount for segment in self._segments) or 1.0
        left = float(bar.left() + 1)
        for segment in self._segments:
            width = (bar.width() - 2) * segment.amount / total
            # One px of ground between neighbours: their colours alone are too much alike.
            part = QRectF(left, bar.top() + 1, max(width - 1, 0.0), bar.height() - 2)
            if segment.token and segment.amount:
                shown = QStyle.visualRect(self.layoutDirection(), bar, part.toAlignedRect())
                painter.fillRect(shown, theme.colour(segment.token))
            left += width
        painter.setPen(QPen(theme.colour("border-strong"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(bar).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)

    def _paint_legend(self, painter: QPainter, top: int) -> None:
        """Name every part, on as many lines as there is room for."""
        theme = self._theme
        painter.setFont(theme.font("stats"))
        metrics = QFontMetrics(painter.font())
        left, key = 0, theme.px(_KEY_PX)
        for segment in self._segments:
            width = key + theme.px(_GAP_PX) + metrics.horizontalAdvance(segment.text) + 2
            if left and (self._is_list or left + width > self.width()):
                left, top = 0, top + theme.px(_LEGEND_PX)
            if top + theme.px(_LEGEND_PX) > self.height():
                return  # the accessible description has them all
            line = QRect(left, top, min(width, self.width() - left), theme.px(_LEGEND_PX))
            self._paint_key(painter, line, segment)
            left += width + theme.px(2 * _GAP_PX)

    def _paint_key(self, painter: QPainter, line: QRect, segment: Segment) -> None:
        theme = self._theme
        side = theme.px(_KEY_PX)
        place = QRect(line.left(), line.center().y() - side // 2, side, side)
        shown = QStyle.visualRect(self.layoutDirection(), self.rect(), place)
        if segment.token:
            painter.fillRect(shown, theme.colour(segment.token))
        else:
            painter.setPen(QPen(theme.colour("border-strong"), 1))
            painter.drawRect(shown.adjusted(0, 0, -1, -1))
        painter.setPen(theme.colour("text-muted"))
        rest = line.adjusted(side + theme.px(_GAP_PX), 0, 0, 0)
        text = QFontMetrics(painter.font()).elidedText(
            segment.text, Qt.TextElideMode.ElideRight, rest.width()
        )
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QStyle.visualRect(self.layoutDirection(), self.rect(), rest), align, isolated(text)
        )
