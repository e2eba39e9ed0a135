"""The outline around the composer's field and buttons. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from realm_desktop.ui.theme import Theme

_RADIUS_PX = 10


class ComposerFrame(QFrame):
    """A raised surface with a border; with a ring while the field has the focus."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.is_field_focused = False
        self._is_lit = False
        self._theme = theme

    def set_field_focused(self, is_focused: bool) -> None:  # a Qt slot
        """Show or hide the ring."""
        self.is_field_focused = is_focused
        self.update()

    def set_lit(self, *, is_lit: bool) -> None:
        """Show the ring while files could be dropped."""
        self._is_lit = is_lit
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the raised surface."""
        theme = self._theme
        is_focused = self.is_field_focused or self._is_lit
        width = 2 if is_focused else 1
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("focus" if is_focused else "border-strong"), width))
        painter.setBrush(theme.colour("surface-raised"))
        inset = width / 2
        rect = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(rect, theme.px(_RADIUS_PX), theme.px(_RADIUS_PX))
