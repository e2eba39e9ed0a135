"""The button that leads back to the end of the conversation. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QStyle, QWidget

from realm_desktop.ui.icons import paint_icon
from realm_desktop.ui.theme import Theme

_HEIGHT_PX = 26
_BOTTOM_PX = 8


class LatestPill(QAbstractButton):
    """The word "Latest" with an arrow, floating above the lower corner where messages end."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = parent
        self.setText(self.tr("Latest"))
        self.setAccessibleName(self.tr("Go to the latest message"))
        self.setToolTip(self.tr("Go to the latest message (End)"))
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.hide()

    def place(self, right: int) -> None:
        """Stand at the bottom of the parent with the right edge at `right`.

        In a window from right to left it is the left edge, counted from the other side.
        """
        size = self.sizeHint()
        parent = self._view
        x = min(right, parent.width() - self._theme.px(12)) - size.width()
        y = parent.height() - size.height() - self._theme.px(_BOTTOM_PX)
        area = QRect(x, y, size.width(), size.height())
        self.setGeometry(QStyle.visualRect(self.layoutDirection(), parent.rect(), area))

    def sizeHint(self) -> QSize:
        """Text, arrow and padding."""
        theme = self._theme
        self.setFont(theme.font("button"))
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + theme.px(14 + 4 + 24), theme.px(_HEIGHT_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a floating surface with its outline."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        token = "pressed" if self.isDown() else "hover" if self.underMouse() else "surface-raised"
        painter.setBrush(theme.colour(token))
        is_ringed = self.hasFocus()
        width = 2 if is_ringed else 1
        painter.setPen(QPen(theme.colour("focus" if is_ringed else "border-strong"), width))
        inset = width / 2
        rect = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        glyph = QRect(theme.px(12), 0, theme.px(14), self.height())
        paint_icon(painter, self._visual(glyph), theme, "arrow-down", "text", 14)
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.font("button"))
        text = self.rect().adjusted(theme.px(12 + 14 + 4), 0, 0, 0)
        leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self._visual(text), leading, self.text())

    def _visual(self, area: QRect) -> QRect:
        """Where a part of the pill stands in the direction of the window."""
        return QStyle.visualRect(self.layoutDirection(), self.rect(), area)
