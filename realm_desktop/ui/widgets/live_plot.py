"""A figure over time as a curve, with its latest value in large.

Painted by ourselves: pyqtgraph would cost the window 0.4 s and 80 MB when it is first shown (measured
on 2 cores), for curves of 500 points. Knows only the theme. GUI thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from realm_desktop.ui.one_line import isolated
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.plot_axes import paint_axes, plot_area

_TITLE_PX: Final = 22
_PLOT_PX: Final = 96
_WIDTH_PX: Final = 250
_LINE_PX: Final = 1.5
_FILL_ALPHA: Final = 0.14
_STEPS: Final = (1, 2, 2.5, 5, 10)

Points = Sequence[tuple[float, float | None]]
"""Age in seconds, falling, and value; None is a gap."""


class PlotLook(NamedTuple):
    """What a plot says besides its curve.

    Attributes:
        title: The figure's name.
        text: A value with its unit.
        label: A value on the scale.
        least_top: The scale reaches at least this far, so that noise around 0 stays small.
        token: Colour of the curve.
    """

    title: str
    text: Callable[[float], str]
    label: Callable[[float], str]
    least_top: float = 1.0
    token: str = "accent"


class LivePlot(QWidget):
    """One series without legend; the scale begins at 0 and ends at a round number.

    Args:
        span_s: How far back the left edge is.
        span_text: The same in words, below the left edge.
    """

    def __init__(
        self,
        theme: Theme,
        look: PlotLook,
        span_s: float,
        span_text: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = look
        self._span_s = span_s
        self._span_text = span_text
        self._points: Points = ()
        self.value_text = ""
        self.setAccessibleName(look.title)
        # With the focus a screen reader reads the value; a picture alone would say nothing.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_points(self, points: Points) -> None:
        """Draw these points and name the latest value, the least and the most."""
        self._points = points
        known = [value for _, value in points if value is not None]
        latest = points[-1][1] if points else None
        text = self._look.text
        self.value_text = "\N{EN DASH}" if latest is None else text(latest)
        words = self.value_text
        if known:
            told = self.tr("{} now, {} to {} in the last two minutes")
            words = told.format(words, text(min(known)), text(max(known)))
        self.setAccessibleDescription(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Title and plot."""
        theme = self._theme
        return QSize(theme.px(_WIDTH_PX), theme.px(_TITLE_PX + _PLOT_PX))

    def minimumSizeHint(self) -> QSize:
        """Narrower."""
        return QSize(self._theme.px(_WIDTH_PX) * 2 // 3, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, value, axes and curve."""
        theme, look = self._theme, self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        head = QRect(0, 0, self.width(), theme.px(_TITLE_PX))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font("stats"))
        painter.setPen(theme.colour("text-muted"))
        painter.drawText(head, Qt.AlignmentFlag.AlignLeading | middle, look.title)
        painter.setFont(theme.font("card-title"))
        painter.setPen(theme.colour("text"))
        side = head.adjusted(0, 0, -theme.px(8), 0)
        painter.drawText(side, Qt.AlignmentFlag.AlignTrailing | middle, isolated(self.value_text))
        area = plot_area(theme, QRectF(self.rect()).adjusted(0, head.height(), 0, 0))
        top = round_top(max((v for _, v in self._points if v is not None), default=0.0), look)
        scale = (look.label(0.0), look.label(top / 2), look.label(top))
        paint_axes(painter, theme, area, scale, (self._span_text, self.tr("now")))
        for run in _runs(self._points):
            self._paint_run(painter, area, top, run)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        painter.end()

    def _paint_run(
        self, painter: QPainter, area: QRectF, top: float, run: Sequence[tuple[float, float]]
    ) -> None:
        """Draw one stretch without gaps, filled down to 0."""
        theme = self._theme
        places = [self._place(area, top, age_s, value) for age_s, value in run]
        line = QPainterPath(places[0])
        for place in places[1:]:
            line.lineTo(place)
        fill = QPainterPath(line)
        fill.lineTo(places[-1].x(), area.bottom())
        fill.lineTo(places[0].x(), area.bottom())
        colour = theme.colour(self._look.token)
        ground = theme.colour(self._look.token)
        ground.setAlphaF(_FILL_ALPHA)
        # Points a little older than the span lie left of the scale.
        painter.setClipRect(area.adjusted(-1, -2, 1, 1))
        painter.fillPath(fill, ground)
        painter.setPen(QPen(colour, _LINE_PX * theme.zoom))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(line)
        painter.setClipping(False)

    def _place(self, area: QRectF, top: float, age_s: float, value: float) -> QPointF:
        x = area.right() - area.width() * age_s / self._span_s
        return QPointF(x, area.bottom() - area.height() * min(value / top, 1.0))


def round_top(most: float, look: PlotLook) -> float:
    """The next round number at or above the largest value."""
    wanted = max(most, look.least_top)
    unit = 10.0 ** math.floor(math.log10(wanted))
    return next(step * unit for step in _STEPS if step * unit >= wanted * (1 - 1e-9))


def _runs(points: Points) -> list[list[tuple[float, float]]]:
    """Stretches of points with values, of at least two points each."""
    runs: list[list[tuple[float, float]]] = [[]]
    for age_s, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((age_s, value))
    return [run for run in runs if len(run) > 1]
