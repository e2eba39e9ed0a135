"""A side of the window that stands in the splitter, or floats over the centre of a narrow window.

GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtWidgets import QSplitter, QStyle, QWidget

from realm_desktop.ui.theme import Theme

_FLOATING: Final = "over"


class SideOverlay(QObject):
    """Owner of where one side stands; whether it is visible is decided elsewhere.

    Args:
        side: A part of `splitter`.
        splitter: Where it stands in a wide window.
        width_px: How wide it floats, a measure of the design.
        is_right: It floats at the right edge.
    """

    def __init__(
        self, theme: Theme, side: QWidget, splitter: QSplitter, width_px: int, *, is_right: bool
    ) -> None:
        super().__init__(side)
        self._theme = theme
        self._side = side
        self._splitter = splitter
        self._width_px = width_px
        self._is_right = is_right
        self._surface = side.property("surface")
        self._sizes: list[int] = []
        self.is_floating = False
        splitter.installEventFilter(self)
        side.installEventFilter(self)

    def set_floating(self, *, is_floating: bool) -> None:
        """Let it float over the centre, or give it room of its own; it stays shown or hidden."""
        if is_floating == self.is_floating:
            return
        is_hidden = self._side.isHidden()
        if is_floating:
            self._sizes = self._splitter.sizes()
            self._side.setParent(self._splitter.parentWidget())
        else:
            place = self._splitter.count() if self._is_right else 0
            self._splitter.insertWidget(place, self._side)
            if len(self._sizes) == self._splitter.count():
                self._splitter.setSizes(self._sizes)
        self.is_floating = is_floating
        self._side.setProperty("surface", _FLOATING if is_floating else self._surface)
        self._side.style().unpolish(self._side)
        self._side.style().polish(self._side)
        self._side.setHidden(is_hidden)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the centre; what is shown comes to the top."""
        is_resized = watched is self._splitter and event.type() == QEvent.Type.Resize
        is_shown = watched is self._side and event.type() == QEvent.Type.Show
        if is_resized or is_shown:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        if not self.is_floating:
            return
        bounds = self._splitter.geometry()
        width = min(self._theme.px(self._width_px), bounds.width())
        left = bounds.right() + 1 - width if self._is_right else bounds.x()
        area = QRect(left, bounds.y(), width, bounds.height())
        direction = self._splitter.layoutDirection()
        self._side.setGeometry(QStyle.visualRect(direction, bounds, area))
        self._side.raise_()
