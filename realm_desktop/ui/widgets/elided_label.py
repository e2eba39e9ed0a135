"""A label that shortens its text to the room it has. Text is always plain. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from realm_desktop.ui.one_line import isolated
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import FontRole, Theme


class ElidedLabel(QWidget):
    """One line of plain text, elided at its end; the whole of it is in the tooltip.

    Attributes:
        double_clicked: As it says.
    """

    double_clicked = Signal()

    def __init__(
        self,
        theme: Theme,
        role: FontRole = "interface",
        token: str = "text",
        parent: QWidget | None = None,
        min_px: int = 40,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._role = role
        self._token = token
        self._min_px = min_px
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self._on_theme_changed)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text == self._text:
            return
        self._text = text
        self.setAccessibleName(text)
        self.setToolTip(plain_tip(text) if self._is_elided() else "")
        self.updateGeometry()
        self.update()

    def set_token(self, token: str) -> None:
        """Paint in another colour."""
        self._token = token
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        metrics = QFontMetrics(self._theme.font(self._role))
        return QSize(metrics.horizontalAdvance(self._text) + 1, self._theme.line_height(self._role))

    def minimumSizeHint(self) -> QSize:
        """Room for the first letters."""
        width = min(self.sizeHint().width(), self._theme.px(self._min_px))
        return QSize(width, self._theme.line_height(self._role))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, as much of it as fits."""
        painter = QPainter(self)
        font = self._theme.font(self._role)
        painter.setFont(font)
        painter.setPen(self._theme.colour(self._token))
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), align, isolated(shown))
        self.setToolTip(plain_tip(self._text) if shown != self._text else "")
        painter.end()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell it, for a rename."""
        self.double_clicked.emit()

    def _is_elided(self) -> bool:
        return self.sizeHint().width() > self.width()

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
