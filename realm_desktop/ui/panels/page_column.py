"""The column that a page of the rail stands in: a margin around it, and no wider than can be read."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from realm_desktop.ui.theme import Theme

MARGIN_PX: Final = 24

_GAP_PX = 16


class _Column(QWidget):
    """What stands in the margins; its measures follow the zoom."""

    def __init__(self, page: QWidget, theme: Theme, max_width_px: int) -> None:
        super().__init__(page)
        self._theme = theme
        self._max_width_px = max_width_px
        self.inner = QVBoxLayout(self)
        self.inner.setContentsMargins(0, 0, 0, 0)
        self.outer = QVBoxLayout(page)
        self.outer.addWidget(self)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        theme = self._theme
        margin = theme.px(MARGIN_PX)
        self.setMaximumWidth(theme.px(self._max_width_px))
        self.inner.setSpacing(theme.px(_GAP_PX))
        self.outer.setContentsMargins(margin, margin, margin, margin)


def page_column(page: QWidget, theme: Theme, max_width_px: int) -> QVBoxLayout:
    """Give a page its ground and its column; returns the column's layout, which is empty."""
    column = _Column(page, theme, max_width_px)
    page.setProperty("surface", "page")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return column.inner
