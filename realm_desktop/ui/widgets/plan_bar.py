"""The memory plan as a stacked bar with its legend; what does not fit is hatched. GUI thread.

Knows only the theme: parts come with their names, figures and colours.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from realm_desktop.ui.one_line import isolated
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.segment_bar import Segment

_BAR_PX: Final = 20
_SMALL_BAR_PX: Final = 12
_RADIUS_PX: Final = 4
_LINE_PX: Final = 20
_KEY_PX: Final = 9
_GAP_PX: Final = 6
_WIDTH_PX: Final = 420


class PlanBar(QWidget):
    """Parts from the start of the bar; the room behind them is free.

    A plan that is larger than the capacity fills the bar: everything behind the capacity, which a
    line marks, is hatched.
    """

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, is_small: bool = False
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bar_px = _SMALL_BAR_PX if is_small else _BAR_PX
        self._segments: tuple[Segment, ...] = ()
        self._capacity = 1.0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.updateGeometry)

    def show_plan(self, segments: tuple[Segment, ...], capacity: float) -> None:
        """Show these parts of so much; a part without a colour stands in the legend only."""
        self._segments, self._capacity = segments, max(capacity, 1.0)
        # The legend says all that the bar shows.
        self.setAccessibleDescription(", ".join(segment.text for segment in segments))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the bar and the legend at a usual width."""
        width = self._theme.px(_WIDTH_PX)
        return QSize(width, self.heightForWidth(width))

    def heightForWidth(self, width: int) -> int:
        """The bar, and as many lines of legend as the texts take."""
        lines = self._legend(width)
        return self._legend_top() + (lines[-1].bottom() + 1 if lines else 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bar and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bar(painter, QRect(0, 0, self.width(), self._theme.px(self._bar_px)))
        top = self._legend_top()
        for segment, place in zip(self._segments, self._legend(self.width()), strict=True):
            self._paint_key(painter, place.translated(0, top), segment)
        painter.end()

    def _legend_top(self) -> int:
        return self._theme.px(self._bar_px + _GAP_PX)

    def _legend(self, width: int) -> list[QRect]:
        """Where the keys stand, from the top of the legend."""
        theme = self._theme
        metrics = QFontMetrics(theme.font("stats"))
        left, top, places = 0, 0, []
        for segment in self._segments:
            text_px = metrics.horizontalAdvance(segment.text) + 2
            needed = min(theme.px(_KEY_PX + _GAP_PX) + text_px, width)
            if left and left + needed > width:
                left, top = 0, top + theme.px(_LINE_PX)
            places.append(QRect(left, top, needed, theme.px(_LINE_PX)))
            left += needed + theme.px(2 * _GAP_PX)
        return places

    def _paint_bar(self, painter: QPainter, bar: QRect) -> None:
        theme = self._theme
        radius = theme.px(_RADIUS_PX)
        outline = QRectF(bar).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(outline, radius, radius)
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(bar, theme.colour("surface-sunken"))
        used = sum(segment.amount for segment in self._segments if segment.token)
        scale = bar.width() / max(used, self._capacity)
        left = 0.0
        for segment in self._segments:
            width = segment.amount * scale
            if segment.token and width > 0:
                # One px of ground between neighbours: their colours alone are too much alike.
                part = QRectF(left, bar.top(), max(width - 1, 1.0), bar.height()).toAlignedRect()
                painter.fillRect(self._visual(bar, part), theme.colour(segment.token))
                left += width
        if used > self._capacity:
            self._paint_excess(painter, bar, round(self._capacity * scale))
        painter.restore()
        painter.setPen(QPen(theme.colour("border-strong"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)

    def _paint_excess(self, painter: QPainter, bar: QRect, capacity_px: int) -> None:
        """Hatch what is behind the capacity, and mark that with a line."""
        theme = self._theme
        excess = self._visual(bar, bar.adjusted(capacity_px, 0, 0, 0))
        painter.fillRect(excess, theme.colour("danger-surface"))
        painter.fillRect(excess, QBrush(theme.colour("danger"), Qt.BrushStyle.BDiagPattern))
        mark = QRect(capacity_px - 1, bar.top(), 2, bar.height())
        painter.fillRect(self._visual(bar, mark), theme.colour("text"))

    def _paint_key(self, painter: QPainter, place: QRect, segment: Segment) -> None:
        theme = self._theme
        side = theme.px(_KEY_PX)
        key = QRect(place.left(), place.center().y() - side // 2, side, side)
        shown = self._visual(self.rect(), key)
        if segment.token:
            painter.fillRect(shown, theme.colour(segment.token))
        else:
            painter.setPen(QPen(theme.colour("border-strong"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(shown.adjusted(0, 0, -1, -1))
        painter.setFont(theme.font("stats"))
        painter.setPen(theme.colour("text-muted"))
        rest = self._visual(self.rect(), place.adjusted(side + theme.px(_GAP_PX), 0, 0, 0))
        text = QFontMetrics(painter.font()).elidedText(
            segment.text, Qt.TextElideMode.ElideRight, rest.width()
        )
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rest, align, isolated(text))

    def _visual(self, bounds: QRect, place: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), bounds, place)
