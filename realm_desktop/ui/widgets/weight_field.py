"""The weight of an adapter: a slider from 0 to 2 with a tick at 1, and a field to type it.

Knows only the theme. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSizePolicy, QSlider, QWidget

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.field_font import set_field_font

STEPS: Final = 100
"""Slider steps for a weight of 1."""

MAX_WEIGHT: Final = 2.0

_HANDLE_PX = 14
_TRACK_PX = 4
_TICK_PX = 12
_HEIGHT_PX = 26
_MIN_WIDTH_PX = 88
_FIELD_PX = 62


class WeightSlider(QSlider):
    """A slider of hundredths; arrow keys move by 0.05, a press moves the handle to the pointer."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setRange(0, round(MAX_WEIGHT * STEPS))
        self.setSingleStep(5)
        self.setPageStep(25)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Wide enough to tell hundredths apart by keys, tenths by hand."""
        return QSize(self._theme.px(_MIN_WIDTH_PX), self._theme.px(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """As narrow as in a table row."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track, the part up to the handle, the tick at 1, the handle and its focus ring."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        thick = theme.px(_TRACK_PX)
        strong = "border-strong" if self.isEnabled() else "border"
        fill = "accent" if self.isEnabled() else "text-disabled"
        start, end, handle = (self._x_of(value) for value in (0, self.maximum(), self.value()))
        painter.setPen(Qt.PenStyle.NoPen)
        for left, right, token in ((start, end, strong), (start, handle, fill)):
            painter.setBrush(theme.colour(token))
            low, high = sorted((left, right))
            painter.drawRoundedRect(QRectF(low, middle - thick / 2, high - low, thick), 2, 2)
        tick = self._x_of(STEPS)
        height = theme.px(_TICK_PX)
        painter.fillRect(QRectF(tick - 0.5, middle - height / 2, 1, height), theme.colour(strong))
        radius = theme.px(_HANDLE_PX) / 2
        painter.setPen(QPen(theme.colour(fill), 2))
        painter.setBrush(theme.colour("surface-raised"))
        painter.drawEllipse(QPointF(handle, middle), radius - 1, radius - 1)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawEllipse(QPointF(handle, middle), radius + 2, radius + 2)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the handle to the pointer."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self._value_at(event.position().x()))
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the handle follow the pointer."""
        if self.isSliderDown():
            self.setValue(self._value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the handle go."""
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only where the focus is: a list that scrolls must not change weights on its way."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _room(self) -> tuple[float, float]:
        """Where the handle's middle may be, left and right."""
        margin = self._theme.px(_HANDLE_PX) / 2 + 3
        return margin, self.width() - margin

    def _x_of(self, value: int) -> float:
        left, right = self._room()
        share = value / self.maximum()
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            share = 1 - share
        return left + share * (right - left)

    def _value_at(self, x: float) -> int:
        left, right = self._room()
        share = (x - left) / max(1.0, right - left)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            share = 1 - share
        return round(share * self.maximum())


class WeightField(QWidget):
    """Slider and field of one weight.

    Attributes:
        changed: The user chose another weight, 0 to 2; told while the handle moves.
    """

    changed = Signal(float)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        """Build it at weight 1; `name` is for screen readers."""
        super().__init__(parent)
        self._theme = theme
        self.slider = WeightSlider(theme, name, self)
        self.field = QDoubleSpinBox(self)
        self.field.setAccessibleName(name)
        self.field.setRange(0.0, MAX_WEIGHT)
        self.field.setDecimals(2)
        self.field.setSingleStep(0.05)
        self.field.setKeyboardTracking(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.field)
        self.set_weight(1.0)
        self.slider.valueChanged.connect(self._on_slid)
        self.field.valueChanged.connect(self._on_typed)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def weight(self) -> float:
        """The weight that is shown."""
        return round(self.field.value(), 2)

    def set_weight(self, weight: float) -> None:
        """Show a weight without telling it."""
        blockers = (QSignalBlocker(self.slider), QSignalBlocker(self.field))
        self.slider.setValue(round(weight * STEPS))
        self.field.setValue(weight)
        for blocker in blockers:
            blocker.unblock()
        self.slider.update()

    def _on_slid(self, value: int) -> None:
        self.set_weight(value / STEPS)
        self.changed.emit(self.weight)

    def _on_typed(self, weight: float) -> None:
        self.set_weight(weight)
        self.changed.emit(self.weight)

    def _restyle(self) -> None:
        set_field_font(self.field, self._theme.font("interface"))
        self.field.setFixedWidth(self._theme.px(_FIELD_PX))
        self.field.lineEdit().setTextMargins(self._theme.px(8), 0, 0, 0)
        self.slider.updateGeometry()
