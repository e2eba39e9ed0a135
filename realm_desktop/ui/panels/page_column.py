"""The column that a page of the rail stands in: a margin around it, and no wider than can be read."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from realm_desktop.ui.theme import Theme

MARGIN_PX: Final = 24

_GAP_PX = 16


def page_column(page: QWidget, theme: Theme, max_width_px: int) -> QVBoxLayout:
    """Give a page its ground and its column; returns the column's layout, which is empty."""
    column = QWidget(page)
    column.setMaximumWidth(theme.px(max_width_px))
    inner = QVBoxLayout(column)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(theme.px(_GAP_PX))
    margin = theme.px(MARGIN_PX)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.addWidget(column)
    page.setProperty("surface", "page")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return inner
