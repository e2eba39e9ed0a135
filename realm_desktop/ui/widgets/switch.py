"""A switch: on or off, at once. Knows only the theme. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from realm_desktop.ui.theme import Theme

_WIDTH_PX = 32
_HEIGHT_PX = 18
_RING_PX = 4


class Switch(QAbstractButton):
    """A checkable button that looks like a switch; the space key toggles it."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        """Build a switch that is off; `name` is for screen readers."""
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """The switch and room for its focus ring."""
        theme = self._theme
        return QSize(theme.px(_WIDTH_PX + 2 * _RING_PX), theme.px(_HEIGHT_PX + 2 * _RING_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track, knob and focus ring; on and off differ in place and fill."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = theme.px(_RING_PX)
        track = QRectF(self.rect()).adjusted(ring, ring, -ring, -ring)
        radius = track.height() / 2
        is_on = self.isChecked()
        painter.setPen(QPen(theme.colour("accent" if is_on else "border-strong"), 1))
        painter.setBrush(theme.colour("accent" if is_on else "surface-raised"))
        painter.drawRoundedRect(track, radius, radius)
        is_right = is_on != (self.layoutDirection() == Qt.LayoutDirection.RightToLeft)
        centre = track.right() - radius if is_right else track.left() + radius
        knob = radius - theme.px(4 if is_on else 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent-text" if is_on else "border-strong"))
        painter.drawEllipse(QRectF(centre - knob, track.center().y() - knob, 2 * knob, 2 * knob))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(1, 1, -1, -1), radius + 3, radius + 3
            )
        painter.end()
