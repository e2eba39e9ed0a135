"""The letter and the colour of an adapter: painted alike wherever an adapter is named.

The letter always stands with the colour, so that no state is told by colour alone. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from realm_desktop.ui.theme import Theme

CHIP_PX: Final = 20

_NUM_COLOURS = 6
_NUM_LETTERS = 26
_RADIUS_PX = 4


def letter_of(slot: int) -> str:
    """The letter of a slot: A to Z, then A2 to Z2, and so on."""
    lap, place = divmod(slot, _NUM_LETTERS)
    return f"{chr(ord('A') + place)}{lap + 1 if lap else ''}"


def paint_letter(
    painter: QPainter, area: QRect, theme: Theme, slot: int, *, is_off: bool = False
) -> None:
    """Draw the chip of a slot into the middle of `area`; one that is off has an empty ground."""
    token = f"adapter-{slot % _NUM_COLOURS + 1}"
    side = theme.px(CHIP_PX)
    place = QRectF(0, 0, side, side)
    place.moveCenter(QRectF(area).center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    is_outlined = is_off or theme.name == "contrast"
    ink = theme.colour("text-muted" if is_off else token)
    painter.setPen(QPen(ink, 1) if is_outlined else QPen(Qt.PenStyle.NoPen))
    if is_off:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(theme.colour(f"{token}-bg"))
    radius = theme.px(_RADIUS_PX)
    painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.setPen(ink)
    painter.setFont(theme.font("chip-letter"))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, letter_of(slot))
    painter.restore()


class AdapterChip(QWidget):
    """The letter of one adapter as a widget."""

    def __init__(self, theme: Theme, slot: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._slot = slot
        self._is_off = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_off(self, is_off: bool) -> None:  # a Qt slot
        """Draw the adapter as switched off, or on."""
        self._is_off = is_off
        self.update()

    def sizeHint(self) -> QSize:
        """The square of the letter."""
        side = self._theme.px(CHIP_PX)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the letter."""
        painter = QPainter(self)
        paint_letter(painter, self.rect(), self._theme, self._slot, is_off=self._is_off)
        painter.end()
