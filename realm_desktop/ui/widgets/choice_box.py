"""A combo box in the look of the theme; a style sheet would need pictures for its arrow. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QStyle, QWidget

from realm_desktop.ui.icons import paint_icon
from realm_desktop.ui.theme import Theme

_HEIGHT_PX = 30
_PADDING_PX = 10
_CHEVRON_PX = 14


class ChoiceBox(QComboBox):
    """One of a few values, each with its text."""

    def __init__(
        self, theme: Theme, choices: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        """Offer `choices`: value and text of each."""
        super().__init__(parent)
        self._theme = theme
        for value, text in choices:
            self.addItem(text, value)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def value(self) -> str:
        """The chosen value."""
        return str(self.currentData())

    def choose(self, value: str) -> None:
        """Show the choice with this value; an unknown value changes nothing."""
        place = self.findData(value)
        if place >= 0:
            self.setCurrentIndex(place)

    def sizeHint(self) -> QSize:
        """Room for the longest text."""
        metrics = QFontMetrics(self.font())
        texts = (metrics.horizontalAdvance(self.itemText(i)) for i in range(self.count()))
        fixed = self._theme.px(3 * _PADDING_PX + _CHEVRON_PX)
        return QSize(max(texts, default=0) + fixed, self._theme.px(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """The same: a choice is never cut."""
        return self.sizeHint()

    def showPopup(self) -> None:
        """Show the list, which a screen reader takes for a thing of its own, under the same name."""
        self.view().setAccessibleName(self.accessibleName())
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw field, text and chevron."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_live = self.isEnabled()
        token = "focus" if self.hasFocus() else "border-strong" if is_live else "border"
        painter.setPen(QPen(theme.colour(token), 2 if self.hasFocus() else 1))
        painter.setBrush(theme.colour("hover" if self.underMouse() else "surface-raised"))
        edge = 1.0 if self.hasFocus() else 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), 5, 5)
        padding = theme.px(_PADDING_PX)
        side = theme.px(_CHEVRON_PX)
        chevron = QRect(self.width() - padding - side, 0, side, self.height())
        paint_icon(painter, self._visual(chevron), theme, "chevron-down", "text-muted", _CHEVRON_PX)
        painter.setPen(theme.colour("text" if is_live else "text-disabled"))
        painter.setFont(self.font())
        area = QRect(padding, 0, chevron.x() - padding, self.height())
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self._visual(area), align, self.currentText())
        painter.end()

    def _visual(self, area: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), area)

    def _restyle(self) -> None:
        self.setFont(self._theme.font("interface"))
        self.setFixedHeight(self._theme.px(_HEIGHT_PX))
        self.updateGeometry()
