"""What the grounds of tokens mean: one square for each level of entropy, with its bits. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from realm_desktop.ui.theme import Theme

_LEVELS: Final = ("1", "2", "3", "4", "5+")
_HEIGHT_PX: Final = 20
_SQUARE_PX: Final = 14
_GAP_PX: Final = 4


class HeatLegend(QWidget):
    """The levels from 1 to 5 bits; below one bit a token has no ground of its own."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Colours: how open the choice of a token was, in bits"))
        self.setToolTip(self.tr("How open the choice of a token was, in bits of entropy"))
        theme.changed.connect(self._on_theme_changed)

    def sizeHint(self) -> QSize:
        """One line."""
        theme = self._theme
        texts = (self.tr("Bits"), *_LEVELS)
        words = sum(map(QFontMetrics(theme.font("label")).horizontalAdvance, texts))
        squares = len(_LEVELS) * theme.px(_SQUARE_PX + 3 * _GAP_PX)
        return QSize(words + squares, theme.px(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """As `sizeHint`: a legend that is cut explains nothing."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the word, then squares with their numbers."""
        theme = self._theme
        painter = QPainter(self)
        painter.setFont(theme.font("label"))
        # Or the sign of "5+" would stand before it in a window from right to left.
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        left = self._paint_text(painter, 0, self.tr("Bits")) + theme.px(2 * _GAP_PX)
        side = theme.px(_SQUARE_PX)
        for level, text in enumerate(_LEVELS, start=1):
            square = self._visual(QRect(left, (self.height() - side) // 2, side, side))
            painter.fillRect(square, theme.colour(f"heat-{level}"))
            painter.setPen(theme.colour("border"))
            painter.drawRect(square.adjusted(0, 0, -1, -1))
            left = self._paint_text(painter, left + side + theme.px(_GAP_PX), text)
            left += theme.px(2 * _GAP_PX)
        painter.end()

    def _paint_text(self, painter: QPainter, left: int, text: str) -> int:
        """Draw a text; returns where it ends."""
        painter.setPen(self._theme.colour("text-muted"))
        width = QFontMetrics(painter.font()).horizontalAdvance(text)
        area = self._visual(QRect(left, 0, width, self.height()))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
        return left + width

    def _visual(self, area: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), area)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
