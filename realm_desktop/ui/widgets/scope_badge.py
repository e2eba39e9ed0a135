"""The badge that says where the value of a setting comes from. Knows only the theme. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from realm_desktop.ui.theme import Theme

_HEIGHT_PX = 18
_PADDING_PX = 6
_RADIUS_PX = 3


class ScopeBadge(QWidget):
    """One word in an outline, which has the accent where the value was changed here."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.text = ""
        self.is_changed_here = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_scope(self, text: str, *, is_changed_here: bool) -> None:
        """Show the word of a scope."""
        if (text, is_changed_here) == (self.text, self.is_changed_here):
            return
        self.text, self.is_changed_here = text, is_changed_here
        self.setAccessibleName(self.tr("set in: {}").format(text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The word and its padding."""
        theme = self._theme
        metrics = QFontMetrics(theme.font("label"))
        width = metrics.horizontalAdvance(self.text) + 2 * theme.px(_PADDING_PX)
        return QSize(width, theme.px(_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw outline and word."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent" if self.is_changed_here else "border"), 1))
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, theme.px(_RADIUS_PX), theme.px(_RADIUS_PX))
        painter.setPen(theme.colour("accent-ink" if self.is_changed_here else "text-muted"))
        painter.setFont(theme.font("label"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)
        painter.end()
