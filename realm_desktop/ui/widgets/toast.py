"""A short message at the top right of the centre: something was done, and can be undone for a while.

Never a window of its own, never over the composer or the sidebar. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.sided_margins import sided_margins

UNDO_S: Final = 8

_HEIGHT_PX = 44
_MARGIN_PX = 12
_MOVES = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)


class Toast(QFrame):
    """One message over `centre`; a new one replaces the one that is shown.

    Args:
        top: How far down in the centre nothing may be covered, px; asked whenever it is placed.

    Attributes:
        undone: The user pressed Undo; the toast is gone.
        ended: The time is over, or the user closed it: what was done stays done.
    """

    undone = Signal()
    ended = Signal()

    def __init__(self, theme: Theme, centre: QWidget, top: Callable[[], int] = lambda: 0) -> None:
        super().__init__(centre)
        self._top = top
        self._theme = theme
        self._centre = centre
        self._seconds_left = 0
        self.setProperty("surface", "floating")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._undo = QPushButton(self.tr("Undo"), self)
        self._undo.setProperty("kind", "link")
        self._undo.clicked.connect(self._on_undo)
        self._seconds = QLabel(self)
        self._seconds.setProperty("tone", "muted")
        self._close = QToolButton(self)
        self._close.setAccessibleName(self.tr("Close message"))
        self._close.setToolTip(self.tr("Close"))
        self._close.clicked.connect(self._end)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(sided_margins(16, 0, 8, 0))
        layout.setSpacing(8)
        for widget in (self._text, self._undo, self._seconds, self._close):
            layout.addWidget(widget)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._on_second)
        centre.installEventFilter(self)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def show_message(self, text: str, *, can_undo: bool = True, seconds: int = UNDO_S) -> None:
        """Show `text` for `seconds`; what an earlier message offered is no longer undoable."""
        if self.isVisible():
            self._end()
        self._text.setText(text)
        self._undo.setVisible(can_undo)
        self._seconds_left = seconds
        self._show_seconds()
        self.setAccessibleName(text)
        self._timer.start()
        self.show()
        self.raise_()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the corner when the centre changes its size, or what it may not cover."""
        if event.type() in _MOVES and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _on_undo(self) -> None:
        self._hide()
        self.undone.emit()

    def _on_second(self) -> None:
        self._seconds_left -= 1
        if self._seconds_left <= 0:
            self._end()
            return
        self._show_seconds()

    def _end(self) -> None:
        self._hide()
        self.ended.emit()

    def _hide(self) -> None:
        self._timer.stop()
        self.hide()

    def _show_seconds(self) -> None:
        self._seconds.setText(self.tr("{} s").format(self._seconds_left))

    def _place(self) -> None:
        """Move to the top right corner of the centre, no wider than it; a long text takes more lines."""
        margin = self._theme.px(_MARGIN_PX)
        room = QSize(self._centre.width() - 2 * margin, self._theme.px(_HEIGHT_PX))
        # A label that may wrap asks for a width of its own making: first the one line it would like.
        self._text.setWordWrap(False)
        width = min(self.sizeHint().width(), room.width())
        if self.sizeHint().width() > width:
            self._text.setWordWrap(True)
            room.setHeight(max(room.height(), self.heightForWidth(width)))
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        left = margin if is_mirrored else self._centre.width() - margin - width
        self.setGeometry(left, self._top() + margin, width, room.height())

    def _restyle(self) -> None:
        self._text.setFont(self._theme.font("interface"))
        self._undo.setFont(self._theme.font("row-strong"))
        self._seconds.setFont(self._theme.font("stats"))
        self._close.setIcon(icon(self._theme, "close", "text-muted", 14))
        self._close.setIconSize(icon_size(self._theme, 14))
