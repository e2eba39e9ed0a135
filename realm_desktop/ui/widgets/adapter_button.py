"""The button of a chat's header that shows the letters of its adapters and opens the panel.

Knows only the theme. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from realm_desktop.ui.icons import paint_icon
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import CHIP_PX, letter_of, paint_letter

MAX_LETTERS: Final = 3

_SIDE_PX = 28
_GAP_PX = 4
_RADIUS_PX = 5


class AdapterButton(QAbstractButton):
    """An icon, up to three letters, and how many more there are; checked while the panel is open."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._slots: tuple[int, ...] = ()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        self.show_slots(())

    @property
    def letters(self) -> str:
        """The letters of all adapters in use, such as "A D"."""
        return " ".join(letter_of(slot) for slot in self._slots)

    def show_slots(self, slots: tuple[int, ...]) -> None:
        """Show the adapters that the next message uses."""
        self._slots = slots
        names = self.letters or self.tr("none")
        self.setAccessibleName(self.tr("Adapters of this chat: {}").format(names))
        self.setToolTip(self.tr("Adapters: {}").format(names))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for icon, letters and the number of the rest."""
        return QSize(self._width_for(MAX_LETTERS), self._theme.px(_SIDE_PX))

    def minimumSizeHint(self) -> QSize:
        """Room for the icon and the number of adapters."""
        return QSize(self._width_for(0), self._theme.px(_SIDE_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, icon, letters and focus ring."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        token = "selected" if self.isChecked() else "hover" if self.underMouse() else None
        radius = theme.px(_RADIUS_PX)
        if token is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("pressed" if self.isDown() else token))
            painter.drawRoundedRect(self.rect(), radius, radius)
        side = theme.px(_SIDE_PX)
        ink = "accent-ink" if self.isChecked() else "text-muted"
        paint_icon(painter, self._visual(QRect(0, 0, side, self.height())), theme, "adapters", ink)
        left = side
        counts = range(MAX_LETTERS, 0, -1)
        count = next((count for count in counts if self._width_for(count) <= self.width()), 0)
        for slot in self._slots[:count]:
            area = QRect(left, 0, theme.px(CHIP_PX), self.height())
            paint_letter(painter, self._visual(area), theme, slot)
            left += theme.px(CHIP_PX + _GAP_PX)
        painter.setFont(theme.font("stats"))
        painter.setPen(theme.colour("text-muted"))
        rest = self._visual(QRect(left, 0, self.width() - left, self.height()))
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, self._rest(count))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
        painter.end()

    def _rest(self, count: int) -> str:
        """How many adapters have no letter when `count` letters are shown."""
        num_more = len(self._slots) - count
        return f"+{num_more}" if num_more > 0 else ""

    def _width_for(self, count: int) -> int:
        theme = self._theme
        shown = min(count, len(self._slots))
        rest = QFontMetrics(theme.font("stats")).horizontalAdvance(self._rest(count))
        gap = theme.px(2 * _GAP_PX) if self._slots else 0
        return theme.px(_SIDE_PX) + shown * theme.px(CHIP_PX + _GAP_PX) + rest + gap

    def _visual(self, area: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), area)
