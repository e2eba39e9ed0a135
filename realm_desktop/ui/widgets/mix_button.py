"""The button that shows an adapter mix as chips: letter, name and weight of each.

Knows only the theme. GUI thread.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import CHIP_PX, letter_of, paint_letter

_HEIGHT_PX: Final = 28
_GAP_PX: Final = 4
_PADDING_PX: Final = 6
_RADIUS_PX: Final = 5
_MAX_NAME_PX: Final = 120


class MixChip(NamedTuple):
    """One adapter of a mix; `slot` gives letter and colour."""

    slot: int
    name: str
    weight: str


class MixButton(QAbstractButton):
    """Chips with names where there is room, with weights alone or letters alone where there is less."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chips: tuple[MixChip, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    @property
    def words(self) -> str:
        """The mix in words."""
        return ", ".join(f"{chip.name} {chip.weight}" for chip in self._chips) or self.tr("Base")

    def show_mix(self, chips: tuple[MixChip, ...], name: str) -> None:
        """Show a mix; `name` says whose it is, for screen readers."""
        self._chips = chips
        self.setAccessibleName(f"{name}: {self.words}")
        self.setToolTip(plain_tip(self.words))
        self.update()

    def sizeHint(self) -> QSize:
        """Room for all chips with their names."""
        return QSize(self._width_for(2), self._theme.px(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """Room for two letters."""
        return QSize(2 * self._theme.px(CHIP_PX + _GAP_PX), self._theme.px(_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, chips and focus ring."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = theme.px(_RADIUS_PX)
        if self.isDown() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("pressed" if self.isDown() else "hover"))
            painter.drawRoundedRect(self.rect(), radius, radius)
        if self._chips:
            self._paint_chips(painter)
        else:
            painter.setFont(theme.font("row-strong"))
            painter.setPen(theme.colour("text"))
            room = self.rect().adjusted(theme.px(_GAP_PX), 0, 0, 0)
            painter.drawText(
                room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, self.words
            )
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
        painter.end()

    def _paint_chips(self, painter: QPainter) -> None:
        detail = next((d for d in (2, 1) if self._width_for(d) <= self.width()), 0)
        left = self._theme.px(_GAP_PX)
        for chip in self._chips:
            width = self._chip_width(chip, detail)
            if left + width > self.width():
                break
            area = QRect(left, 0, width, self.height())
            self._paint_chip(painter, self._visual(area), chip, detail)
            left += width + self._theme.px(_GAP_PX)

    def _paint_chip(self, painter: QPainter, area: QRect, chip: MixChip, detail: int) -> None:
        theme = self._theme
        side = theme.px(CHIP_PX)
        token = f"adapter-{chip.slot % 6 + 1}"
        ground = QRectF(area.x(), (area.height() - side) / 2, area.width(), side)
        painter.setPen(
            QPen(theme.colour(token), 1) if theme.name == "contrast" else Qt.PenStyle.NoPen
        )
        painter.setBrush(theme.colour(f"{token}-bg"))
        painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        letter = area.right() - side + 1 if is_mirrored else area.x()
        paint_letter(painter, QRect(letter, 0, side, area.height()), theme, chip.slot)
        words = self._words_of(chip, detail)
        if words:
            font = theme.font("stats-strong" if detail == 2 else "stats")
            painter.setFont(font)
            painter.setPen(theme.colour(token))
            gap = theme.px(_PADDING_PX)
            room = (
                area.adjusted(gap, 0, -side, 0) if is_mirrored else area.adjusted(side, 0, -gap, 0)
            )
            painter.drawText(
                room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, words
            )

    def _words_of(self, chip: MixChip, detail: int) -> str:
        """What stands beside the letter: name and weight, the weight, or nothing."""
        if detail == 0:
            return ""
        if detail == 1:
            return chip.weight
        metrics = QFontMetrics(self._theme.font("stats-strong"))
        limit = self._theme.px(_MAX_NAME_PX)
        return f"{metrics.elidedText(chip.name, Qt.TextElideMode.ElideRight, limit)} {chip.weight}"

    def _chip_width(self, chip: MixChip, detail: int) -> int:
        words = self._words_of(chip, detail)
        side = self._theme.px(CHIP_PX)
        if not words:
            # A letter of a later lap, such as "A2", is wider than its square.
            letter = QFontMetrics(self._theme.font("chip-letter"))
            return max(side, letter.horizontalAdvance(letter_of(chip.slot)))
        role = QFontMetrics(self._theme.font("stats-strong" if detail == 2 else "stats"))
        return side + role.horizontalAdvance(words) + self._theme.px(_PADDING_PX)

    def _width_for(self, detail: int) -> int:
        gap = self._theme.px(_GAP_PX)
        if not self._chips:
            metrics = QFontMetrics(self._theme.font("row-strong"))
            return metrics.horizontalAdvance(self.words) + 3 * gap
        return gap + sum(self._chip_width(chip, detail) + gap for chip in self._chips)

    def _visual(self, area: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), area)
