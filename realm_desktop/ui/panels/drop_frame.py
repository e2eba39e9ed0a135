"""Lets a page take files and folders that are dropped on it. GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from realm_desktop.ui.file_drops import accept_as_copy
from realm_desktop.ui.theme import Theme

_MARGIN_PX = 8
_RADIUS_PX = 8


def dropped_paths(event: QDropEvent) -> list[str]:
    """The files and folders of this machine that are dragged; addresses of others are left out."""
    urls = event.mimeData().urls()
    return [url.toLocalFile() for url in urls if url.isLocalFile() and not url.host()]


class DropFrame(QWidget):
    """A frame over a page that shows while something is dragged there, and tells what was dropped.

    Attributes:
        dropped: Paths of files and folders, whatever they hold.
    """

    dropped = Signal(list)

    def __init__(self, theme: Theme, page: QWidget) -> None:
        super().__init__(page)
        self._theme = theme
        self._page = page
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        page.setAcceptDrops(True)
        page.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take part in the page's drags."""
        if isinstance(event, QDragEnterEvent):
            return self._enter(event)
        if isinstance(event, QDragMoveEvent):
            accept_as_copy(event)
            return True
        if event.type() is QEvent.Type.DragLeave:
            self.hide()
        elif isinstance(event, QDropEvent):
            return self._drop(event)
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent"), 2, Qt.PenStyle.DashLine))
        margin = theme.px(_MARGIN_PX)
        frame = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        painter.drawRoundedRect(frame, theme.px(_RADIUS_PX), theme.px(_RADIUS_PX))
        painter.end()

    def _enter(self, event: QDragEnterEvent) -> bool:
        if not dropped_paths(event):
            return False
        accept_as_copy(event)
        self.setGeometry(self._page.rect())
        self.raise_()
        self.show()
        return True

    def _drop(self, event: QDropEvent) -> bool:
        self.hide()
        accept_as_copy(event)
        self.dropped.emit([str(Path(path)) for path in dropped_paths(event)])
        return True
