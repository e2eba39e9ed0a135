"""The outline around the composer's field and buttons. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QWidget

from realm_desktop.ui.theme import Theme

_RADIUS_PX = 10
_GAP_PX = 8
_NARROW_PX = 360
"""Less than this, and buttons beside the field would leave it half of the width."""


class ComposerFrame(QFrame):
    """A raised surface with a border; with a ring while the field has the focus."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.is_field_focused = False
        self._is_lit = False
        self._theme = theme
        self._is_narrow = False
        self._tools = QWidget(self)
        self._field: QWidget | None = None
        self._button: QWidget | None = None
        self._grid = QGridLayout(self)

    def hold(self, tools: Sequence[QWidget], field: QWidget, button: QWidget) -> None:
        """Take in what stands here: tools at the beginning, the field, the button at the end."""
        gap = self._theme.px(_GAP_PX)
        row = QHBoxLayout(self._tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(gap)
        for tool in tools:
            row.addWidget(tool)
        self._grid.setContentsMargins(gap, gap, gap, gap)
        self._grid.setSpacing(gap)
        self._grid.setColumnStretch(1, 1)
        self._field, self._button = field, button
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the field a row of its own in a narrow pane."""
        super().resizeEvent(event)
        is_narrow = event.size().width() < self._theme.px(_NARROW_PX)
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._arrange()

    def _arrange(self) -> None:
        if self._field is None or self._button is None:
            return
        low, middle = Qt.AlignmentFlag.AlignBottom, Qt.AlignmentFlag.AlignVCenter
        if self._is_narrow:
            self._grid.addWidget(self._field, 0, 0, 1, 3)
        else:
            self._grid.addWidget(self._field, 0, 1, middle)
        row = int(self._is_narrow)
        self._grid.addWidget(self._tools, row, 0, low)
        self._grid.addWidget(self._button, row, 2, low)
        # At once: the size that came is that of this arrangement.
        self._grid.activate()

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
        # The ring alone would say nothing where the field has the focus anyway.
        painter.setBrush(theme.colour("selected" if self._is_lit else "surface-raised"))
        inset = width / 2
        rect = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(rect, theme.px(_RADIUS_PX), theme.px(_RADIUS_PX))
