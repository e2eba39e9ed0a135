"""The loss of a training as a curve, drawn live. Knows only the theme. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from realm_desktop.ui.quantities import decimal_text
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.plot_axes import paint_axes, plot_area

_HEIGHT_PX: Final = 140
_WIDTH_PX: Final = 360
_DOT_PX: Final = 3
_SMOOTHING: Final = 0.3
"""Part of a new value in the running mean: single steps jump with their examples. Less would draw
the fall of the first steps later than it was."""


class CurvePoint(NamedTuple):
    """One step: its number from 1, its loss, and the held-out loss where it was measured."""

    step: int
    loss: float
    held_out: float | None = None


class LossCurve(QWidget):
    """Loss per step, faint, its running mean, strong, and dots for what was held out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._points: Sequence[CurvePoint] = ()
        self._num_steps = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Loss curve"))
        theme.changed.connect(self.updateGeometry)

    def show_points(self, points: Sequence[CurvePoint], num_steps: int) -> None:
        """Draw these points on an axis of `num_steps` steps."""
        self._points, self._num_steps = points, max(num_steps, 1)
        if points:
            last = points[-1]
            words = self.tr("Step {} of {}, loss {}, from {} at the start")
            first = decimal_text(points[0].loss, 2)
            text = words.format(last.step, self._num_steps, decimal_text(last.loss, 2), first)
            self.setAccessibleDescription(text)
        self.update()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(self._theme.px(_WIDTH_PX), self._theme.px(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """Half as wide."""
        return QSize(self._theme.px(_WIDTH_PX) // 2, self._theme.px(_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes and curves."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = plot_area(theme, QRectF(self.rect()))
        top = self._top()
        self._paint_axes(painter, area, top)
        if self._points:
            losses = [point.loss for point in self._points]
            self._paint_line(painter, area, top, losses, "border-strong", 1.0)
            self._paint_line(painter, area, top, smoothed(losses), "accent", 2.0)
            self._paint_dots(painter, area, top)
        painter.end()

    def _top(self) -> float:
        """The loss at the upper edge; the scale begins at 0, so that a fall looks as large as it is."""
        values = [point.loss for point in self._points]
        values += [point.held_out for point in self._points if point.held_out is not None]
        return max(values, default=1.0) or 1.0

    def _paint_axes(self, painter: QPainter, area: QRectF, top: float) -> None:
        scale = ("0", decimal_text(top / 2, 2), decimal_text(top, 2))
        foot = (self.tr("step 1"), str(self._num_steps))
        paint_axes(painter, self._theme, area, scale, foot)

    def _place(self, area: QRectF, top: float, step: int, value: float) -> QPointF:
        x = area.left() + area.width() * (step - 1) / max(self._num_steps - 1, 1)
        return QPointF(x, area.bottom() - area.height() * min(value / top, 1.0))

    def _paint_line(
        self,
        painter: QPainter,
        area: QRectF,
        top: float,
        values: Sequence[float],
        token: str,
        width: float,
    ) -> None:
        painter.setPen(QPen(self._theme.colour(token), width))
        pairs = zip(self._points, values, strict=True)
        line = [self._place(area, top, point.step, value) for point, value in pairs]
        painter.drawPolyline(QPolygonF(line))

    def _paint_dots(self, painter: QPainter, area: QRectF, top: float) -> None:
        """What was held out, where it was measured: a dot, not a colour alone, tells it apart."""
        theme = self._theme
        painter.setPen(QPen(theme.colour("surface"), 1))
        painter.setBrush(theme.colour("warning"))
        for point in self._points:
            if point.held_out is not None:
                place = self._place(area, top, point.step, point.held_out)
                painter.drawEllipse(place, theme.px(_DOT_PX), theme.px(_DOT_PX))


def smoothed(values: Sequence[float]) -> list[float]:
    """The running mean of a series, as long as the series."""
    means: list[float] = []
    for value in values:
        means.append(value if not means else means[-1] + _SMOOTHING * (value - means[-1]))
    return means
