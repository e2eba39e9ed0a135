"""A pop-up below the widget that opened it. Knows only the theme. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from realm_desktop.ui.theme import Theme

_BELOW_PX: Final = 4


class AnchoredPopup(QFrame):
    """Closes when something else is clicked or with Esc, and deletes itself then."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("surface", "floating")
        self._theme = theme

    def show_below(self, anchor: QWidget) -> None:
        """Show the pop-up below `anchor`, inside the window."""
        self.adjustSize()
        window = anchor.window()
        place = anchor.mapTo(window, QPoint(0, anchor.height() + self._theme.px(_BELOW_PX)))
        left = min(max(0, place.x()), max(0, window.width() - self.width()))
        self.move(window.mapToGlobal(QPoint(left, place.y())))
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)
