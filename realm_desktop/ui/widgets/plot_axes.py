"""Where a plot stands inside its widget, and its axes: drawn alike for every curve.

Knows only the theme. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from realm_desktop.ui.theme import Theme

_SCALE_PX: Final = 44
_FOOT_PX: Final = 20
_TOP_PX: Final = 6
_RIGHT_PX: Final = 8
_LABEL_PX: Final = 16


def plot_area(theme: Theme, bounds: QRectF) -> QRectF:
    """What is left of `bounds` for the curve beside the scale and above the foot."""
    left, foot = theme.px(_SCALE_PX), theme.px(_FOOT_PX)
    return bounds.adjusted(left, theme.px(_TOP_PX), -theme.px(_RIGHT_PX), -foot)


def paint_axes(
    painter: QPainter, theme: Theme, area: QRectF, scale: Sequence[str], foot: tuple[str, str]
) -> None:
    """Draw the grid lines of an area that `plot_area` gave, and their labels.

    `scale` labels the lines, evenly spaced from the lowest to the highest; `foot` stands below the
    first and the last point.
    """
    painter.setFont(theme.font("label"))
    # Time and steps run from left to right in every window, as in the curves above these labels.
    fixed = Qt.AlignmentFlag.AlignAbsolute
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | fixed
    label = theme.px(_LABEL_PX)
    for place, text in enumerate(scale):
        y = area.bottom() - place / (len(scale) - 1) * area.height()
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(theme.colour("text-muted"))
        width = theme.px(_SCALE_PX - _TOP_PX)
        box = QRectF(area.left() - theme.px(_TOP_PX) - width, y - label / 2, width, label)
        painter.drawText(box, right, text)
    below = QRectF(area.left(), area.bottom() + theme.px(3), area.width(), label)
    painter.drawText(below, Qt.AlignmentFlag.AlignLeft | fixed, foot[0])
    painter.drawText(below, Qt.AlignmentFlag.AlignRight | fixed, foot[1])
