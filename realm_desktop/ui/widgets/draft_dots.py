"""The dotted line below tokens that a draft proposed and the model took. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from realm_desktop.ui.theme import Theme

_DOT_PX: Final = 2
_DROP_PX: Final = 2


def paint_draft_dots(
    painter: QPainter, theme: Theme, left: float, right: float, baseline: float
) -> None:
    """Draw dots from `left` to `right` below a baseline, px.

    Drawn one by one: the dotted lines of Qt grow with the font and are thinner than these.
    """
    size = theme.px(_DOT_PX)
    colour = theme.colour("draft-underline")
    top = round(baseline) + theme.px(_DROP_PX)
    # On a grid of their own: neighbours that are drawn apart make one line.
    x = -(-round(left) // (2 * size)) * 2 * size
    while x + size <= right:
        painter.fillRect(QRectF(x, top, size, size), colour)
        x += 2 * size
