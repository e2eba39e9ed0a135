"""The ground of rows: selection, the mouse, the line below a cell, the mark of the keyboard's cell.

Knows only the theme. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from realm_desktop.ui.theme import Theme


def paint_row_ground(painter: QPainter, option: QStyleOptionViewItem, theme: Theme) -> None:
    """Draw what lies behind the text of a table's cell."""
    if option.state & QStyle.StateFlag.State_Selected:
        painter.fillRect(option.rect, theme.colour("selected"))
    line = QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1)
    painter.fillRect(line, theme.colour("border"))
    if option.state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(theme.colour("focus"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(option.rect.adjusted(1, 1, -1, -2))


def paint_list_ground(painter: QPainter, option: QStyleOptionViewItem, theme: Theme) -> None:
    """Draw what lies behind a row of a list: rounded where it is chosen or under the mouse."""
    token = None
    if option.state & QStyle.StateFlag.State_Selected:
        token = "selected"
    elif option.state & QStyle.StateFlag.State_MouseOver:
        token = "hover"
    if token is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(token))
        painter.drawRoundedRect(option.rect, theme.px(5), theme.px(5))
