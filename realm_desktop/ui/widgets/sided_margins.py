"""Margins that differ from side to side, for layouts: Qt mirrors what is in a layout, not these."""

from __future__ import annotations

from PySide6.QtCore import QMargins, Qt
from PySide6.QtGui import QGuiApplication


def sided_margins(start: int, top: int, end: int, bottom: int) -> QMargins:
    """The margins for `setContentsMargins`; `start` is the side the window begins on."""
    if QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft:
        return QMargins(end, top, start, bottom)
    return QMargins(start, top, end, bottom)
