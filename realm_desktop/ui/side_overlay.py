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

    Attributes:
        width: Beside the centre, as the user last wanted it; px, 0 before anybody said.
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
        self.width = 0
        self.is_floating = False
        splitter.splitterMoved.connect(self._on_moved)
        # The bounds of the side follow the zoom, and a splitter leaves a part as wide as it was: a gap
        # stayed beside the panel once it might no longer be that wide.
        theme.changed.connect(self.regain)
        splitter.installEventFilter(self)
        side.installEventFilter(self)

    def regain(self) -> None:
        """Take the room again that a smaller window took from it."""
        if not self.is_floating and not self._side.isHidden():
            self._take_room()

    def set_floating(self, *, is_floating: bool) -> None:
        """Let it float over the centre, or give it room of its own; it stays shown or hidden."""
        if is_floating == self.is_floating:
            return
        is_hidden = self._side.isHidden()
        if is_floating:
            self._side.setParent(self._splitter.parentWidget())
        else:
            place = self._splitter.count() if self._is_right else 0
            self._splitter.insertWidget(place, self._side)
            self._take_room()
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
        if is_shown:
            # A splitter gives a part that was hidden its least width.
            self.regain()
        return super().eventFilter(watched, event)

    def _on_moved(self) -> None:
        # Only what the user pulls counts: a small window squeezes it too.
        if not self.is_floating and not self._side.isHidden():
            self.width = self._splitter.sizes()[self._splitter.indexOf(self._side)]

    def _take_room(self) -> None:
        """Take the width from the neighbour, which is the centre."""
        sizes = self._splitter.sizes()
        place = self._splitter.indexOf(self._side)
        centre = place - 1 if self._is_right else place + 1
        room = sizes[place] + sizes[centre]
        sizes[place], sizes[centre] = self.width, max(1, room - self.width)
        self._splitter.setSizes(sizes)

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
